# 各领域共用的拒绝原因。每句话都告诉用户该怎么做。
permission-missing = 此操作需要权限 { $permission }，请联系贵组织的管理员分配包含该权限的角色。
not-a-member = 您已登录，但本次会话中您还不是任何组织的成员。请联系管理员发送邀请，或切换到您已有的成员身份。
organisation-frozen =
    { $cause ->
        [untold] 该组织已被冻结，暂时无法加入。请联系其管理员。
       *[other] 贵组织已被冻结，暂时无法更改。原因：{ $cause } 解除条件：{ $release }
    }
organisation-closed = 贵组织已关闭，无法再发起任何操作。
idempotency-key-reused = 该幂等键已用于其他输入，请为新的输入使用新的幂等键。
idempotency-key-in-progress = 使用该幂等键的请求仍在处理中，请几秒后原样重试。
try-again = 其他人正在修改相同的记录，请重新发送同一请求。
version-conflict = 您打开之后已有其他人修改（当前版本为 { $current }），请重新加载后再修改。
cursor-invalid = 该游标不属于此列表及排序方式，请从第一页重新开始。
page-size-invalid = 请通过 first 或 last 之一请求 1 到 { $maximum } 行。
unavailable = 服务暂时无法处理，请稍后重试；更改类请求请使用相同的幂等键重试，只会生效一次。
timeout = 处理时间过长已停止，请减少一次请求的内容；更改类请求请使用相同的幂等键重试，只会生效一次。
internal = 我方出现错误。如再次发生，请将本次响应的关联编号提供给支持人员。
too-many-ids = 一次最多请求 { $maximum } 个 ID。
reveal-fields-required = 请至少选择一项要查看的信息。
reveal-purpose-required = 请说明查看用途，1 至 { $maximum } 个字符。该说明会写入历史记录。
