# 组织、成员和邀请。
member-not-found = 贵组织中没有该成员，请重新加载成员列表。
member-not-active = 该成员已被禁用。如需恢复，请重新邀请此人成为新成员。
role-required = 请为成员至少选择 { $minimum } 个角色。
too-many-roles = 每位成员最多拥有 { $maximum } 个角色，请减少角色。
role-conflict = 角色 { $role } 与 { $other } 不能同时拥有，请选择其中之一。
role-not-offered = 角色 { $role } 不适用于贵组织的成员，请选择其他角色。
member-not-linked = 没有人以该成员身份登录，无需解除关联。
identity-not-found = 没有该身份。请让对方先登录，并将页面上显示的身份编号发给您。
holds-main-account = 该成员持有贵组织的主账号，请先移交主账号。
last-administrator = 此操作将使贵组织没有可登录的管理员，请先指定其他管理员。
own-membership = 您不能禁用自己或解除自己的关联，请联系其他管理员。
member-has-duties = 该成员名下仍有 { $count } 项事务（{ $duties }），请先移交给他人。
