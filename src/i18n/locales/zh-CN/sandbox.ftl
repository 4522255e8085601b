# 沙箱相关的拒绝原因。每句话都告诉用户该怎么做。
sandbox-only = 仅可在沙箱中执行此操作。请用 `portico sandbox` 启动沙箱，再向其发送请求。
sandbox-time-past = 沙箱时间已是 { $now }，时钟不能倒退。请选择更晚的时间，或新建沙箱。
sandbox-time-too-far = 每次最多向前推进 { $years } 年，请选择更早的时间，到达后再继续推进。
sandbox-travelling = 其他人正在推进该沙箱的时钟。请等待其完成，并在重试前查询沙箱时间。
sandbox-script-is-a-partners = 脚本描述云厂商对某一伙伴的答复，请以伙伴成员身份登录后设置。
sandbox-rules-too-many = 脚本最多包含 { $limit } 条规则，请删减后重试。
sandbox-answer-mismatch = 此时机不能使用该答复。SUBMISSION 请选择 APPROVE 或 REJECT，REVIEW_PASSED 请选择 VALIDATE 或 REJECT_VALIDATION，SETTLED 请选择 CANCEL，SCRIPT_SET 请选择 SHARE，或选择 IGNORE。
sandbox-one-delay = 请说明云厂商在多少个工作日后或多少分钟后答复，两者只填其一。
sandbox-delay-range = 请填写 { $from } 到 { $to } 之间的数字。
sandbox-reason-required = 此答复必须填写原因，请填写伙伴可以阅读的原因。
sandbox-deal-required = 请说明云厂商共享的内容：名称、客户、客户所在区域以及贵方的一个 Offering。
sandbox-deal-unused = 只有共享机会点的规则才填写共享内容。请去掉该内容，或将答复改为 SHARE。
sandbox-condition-unused = 设置脚本时还没有可供筛选的机会点，请去掉该条件。
sandbox-text-required = 请填写此项，共享的机会点会使用它。
sandbox-text-too-long = 文字过长，请控制在 { $limit } 个字符以内。
