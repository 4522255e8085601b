# 待办事项提示用户做什么。
inbox-answer-shared-opportunity = 请处理厂商共享的机会点 { $number }（{ $name }）：接受或拒绝。
inbox-confirm-incentive = 请确认 { $name } 的激励 { $number }。
inbox-mend-opportunity = 机会点 { $number }（{ $name }）被驳回，请修改后重新提交。
inbox-update-stalled-opportunity = 机会点 { $number }（{ $name }）长期无进展，请更新进展。
inbox-assign-account-manager = 请为云经销商 { $name }（{ $number }）指定客户经理。
inbox-renew-invitation = 发给 { $name }（{ $number }）的邀请即将过期，请重新发送或催促对方。
inbox-review-opportunity = 请评审机会点 { $number }（{ $name }）。
inbox-validate-opportunity = 请与客户核实机会点 { $number }（{ $name }）。
inbox-review-dedicated-person = 请审核伙伴为 { $name } 提交的专员申请（{ $number }）。
inbox-mend-dedicated-application = 厂商未通过 { $name } 的专员申请（{ $number }），请查看原因后重新申请。
inbox-renew-dedicated-invitation = 对 { $name } 的关联邀请即将失效，请重发或提醒对方答复。
inbox-review-programme-application = 请处理 { $name } 加入 { $number } 计划的申请。
inbox-assign-customer-account-manager = 请为客户 { $name }（{ $number }）指定客户经理。
inbox-accept-main-account = { $name }（{ $number }）的主账号正移交给一名成员，请接受或任其过期。
