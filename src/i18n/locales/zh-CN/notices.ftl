# 通知：门户中的句子、邮件主题，以及操作通知时可能被拒绝的原因。
notice-not-found = 您没有这条通知。请检查 ID，或重新加载列表。

notice-opportunity-resubmitted = 伙伴已修改并再次提交由您审核的机会点 { $number }（第 { $round } 轮）。
notice-opportunity-resubmitted-subject = 机会点 { $number } 已再次提交，请审核
notice-opportunity-review-approved = 机会点 { $number } 已通过厂商审核，正在等待验证。
notice-opportunity-review-approved-subject = 机会点 { $number } 已通过审核
notice-opportunity-review-rejected = 机会点 { $number } 被厂商审核驳回。请查看原因，修改后再次提交。
notice-opportunity-review-rejected-subject = 机会点 { $number } 被审核驳回
notice-opportunity-validated = 机会点 { $number } 已通过厂商验证，可以开始跟进。
notice-opportunity-validated-subject = 机会点 { $number } 已通过验证
notice-opportunity-validation-rejected = 机会点 { $number } 未通过厂商验证。请查看原因，修改后再次提交。
notice-opportunity-validation-rejected-subject = 机会点 { $number } 未通过验证
notice-opportunity-validation-timed-out = 厂商未在期限内验证机会点 { $number }，本轮已结束。您可以再次提交。
notice-opportunity-validation-timed-out-subject = 机会点 { $number } 的验证已超时
notice-opportunity-shared = 厂商向贵组织共享了机会点 { $number }。请在期限内接受或拒绝，逾期将自动拒绝。
notice-opportunity-shared-subject = 厂商共享了机会点 { $number }，请尽快处理
notice-opportunity-accepted = 伙伴已接受您共享的机会点 { $number }。
notice-opportunity-accepted-subject = 机会点 { $number } 已被接受
notice-opportunity-rejected = 伙伴拒绝了您共享的机会点 { $number }。请查看原因。
notice-opportunity-rejected-subject = 机会点 { $number } 被拒绝
notice-opportunity-auto-rejected = 机会点 { $number } 未在期限内被接受，已自动拒绝。
notice-opportunity-auto-rejected-subject = 机会点 { $number } 已自动拒绝
notice-opportunity-cancelled-by-vendor = 厂商取消了机会点 { $number }。请查看原因。
notice-opportunity-cancelled-by-vendor-subject = 机会点 { $number } 已被厂商取消
notice-opportunity-progressed = 机会点 { $number } 有新的进展。
notice-opportunity-progressed-subject = 机会点 { $number } 有新的进展
notice-opportunity-owner-assigned = 您现在是机会点 { $number } 的负责人。
notice-opportunity-owner-assigned-subject = 机会点 { $number } 已交由您负责
notice-opportunity-offering-changed = 机会点 { $number } 关联的解决方案或产品已变更。
notice-opportunity-offering-changed-subject = 机会点 { $number } 的解决方案或产品已变更
notice-opportunity-reviewer-assigned = 您现在是机会点 { $number } 的审核人。
notice-opportunity-reviewer-assigned-subject = 机会点 { $number } 已分配给您审核
notice-deadline-near = 请在 { $lastDay } 结束前处理机会点 { $number }，逾期将自动处理。
notice-deadline-near-subject = 机会点 { $number } 将于 { $lastDay } 到期
notice-deadline-moved = 工作日历已更正，机会点 { $number } 的最后期限顺延至 { $lastDay }。
notice-deadline-moved-subject = 机会点 { $number } 的期限顺延至 { $lastDay }

notice-letter-reason = 原因：
notice-letter-open = 在门户中查看
notice-letter-footer = 您收到此邮件，是因为该事项与您在伙伴门户中的工作有关。您可以在门户的通知设置中更改语言或停止接收此类邮件。请勿回复本邮件。

notice-customer-associated = 客户 { $number } 已接受邀请，与贵组织完成关联。
notice-customer-associated-subject = 客户 { $number } 已关联
notice-customer-dissociated = 客户 { $number } 与伙伴的关联已解除，请查看原因。
notice-customer-dissociated-subject = 客户 { $number } 的关联已解除
notice-customer-account-manager-assigned = 您现在是客户 { $number } 的客户经理。
notice-customer-account-manager-assigned-subject = 客户 { $number } 由您负责
