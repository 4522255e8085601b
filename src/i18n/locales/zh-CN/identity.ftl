# 谁已登录，以及以什么身份操作。每句话都告诉用户该怎么做。
no-member-never-linked = 您已登录，但还没有任何组织将您添加为成员。请联系贵组织的管理员邀请您的邮箱地址，或关联您的身份。
no-member-invited = { $organisation } 已邀请您。请打开邀请邮件中的链接成为成员；如找不到邮件，请联系该组织的管理员重新发送。
no-member-link-ended = { $organisation } 的管理员已解除您的身份与成员的关联。如有误，请联系该管理员重新邀请您。
no-member-disabled = 您在 { $organisation } 的成员已被禁用。如有误，请联系 { $organisation } 的管理员。
no-member-organisation-closed = { $organisation } 已关闭，任何人都无法再代表其操作。详情请咨询厂商接口人。
no-member-not-chosen = 您已有成员身份，但本次会话中尚未选择。请通过 sessionActAs 选择一个，或重新登录。
identity-already-linked = 此人已是该组织的成员。请使用该成员，或先解除其关联。
member-already-linked = 已有其他人以该成员身份登录。请先解除该关联，或选择其他成员。
session-ended = 您的会话已结束，请重新登录。
membership-not-found = 您没有可用的此成员身份，请从 memberships 中选择一个。
no-session = 服务账号没有会话，也没有成员身份。请改用另一组织的令牌。
