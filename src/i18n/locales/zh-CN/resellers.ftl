# 云经销商相关的拒绝原因。每句话都告诉用户该怎么做。
reseller-not-found = 没有以贵组织为总经销商的此云经销商，请在“我的云经销商”列表中核对编号。
reseller-ended = 该关联关系已结束，只能查看。请选择仍在关联中的云经销商。
account-manager-unknown = 贵组织没有该成员，请选择本组织的成员。
account-manager-disabled = 该成员已被停用，请先启用该成员，或选择其他客户经理。
account-manager-role-missing = 该成员没有客户经理角色，请先为其分配该角色，或选择其他成员。
account-manager-already-assigned = 该成员已是此云经销商的客户经理，无需更改。
account-manager-not-assigned = 此云经销商尚未分配客户经理，无需撤回。
