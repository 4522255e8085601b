//! The people of the demo who can sign in, and the companies they work for.

use super::words::{Company, Person};

/// Somebody whom the development IAM knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoUser {
    /// What is typed at sign-in.
    pub user: &'static str,
    /// The stable subject that IAM asserts.
    pub subject: &'static str,
    pub display_name: &'static str,
    pub email: &'static str,
    /// Null for people whom IAM knows and no organisation has made a member (R-ORG-1).
    pub membership: Option<Membership>,
}

/// As what a demo user acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub employer: Employer,
    pub role: &'static str,
    pub(super) account: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Employer {
    Vendor,
    Distributor,
    Reseller,
    /// An enterprise that has joined nothing yet.
    Starter,
    /// Another one, for whoever compares an application that is approved with one that is refused.
    Twin,
    /// A solution provider whose membership is about to expire.
    Veteran,
    /// Another account of the same enterprise.
    VeteranEast,
}

impl Employer {
    /// Those that have not come far in the network: their people look at programmes and paths.
    pub(super) const NEWCOMERS: [Self; 4] =
        [Self::Starter, Self::Twin, Self::Veteran, Self::VeteranEast];

    /// The name of the organisation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vendor => "示例云 Example Cloud",
            Self::Distributor => "杭州澜岫数字科技有限公司",
            Self::Reseller => "南京榆砚信息技术有限公司",
            Self::Starter => "成都松筠云服务有限公司",
            Self::Twin => "成都知微软件有限公司",
            Self::Veteran => "武汉云栈科技有限公司",
            Self::VeteranEast => "武汉云栈科技有限公司（华东）",
        }
    }

    fn domain(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Distributor => "lanxiu",
            Self::Reseller => "yuyan",
            Self::Starter => "songyun",
            Self::Twin => "zhiwei",
            Self::Veteran => "yunzhan",
            Self::VeteranEast => "yunzhan-east",
        }
    }

    pub(super) fn company(self) -> Company {
        Company {
            name: self.name().to_owned(),
            domain: self.domain().to_owned(),
        }
    }
}

/// Who can sign in, the most useful first.
pub const DEMO_USERS: &[DemoUser] = &[
    DemoUser {
        user: "admin@partner",
        subject: "demo-admin-partner",
        display_name: "林知夏",
        email: "lin.zhixia@lanxiu.example",
        membership: Some(member(Employer::Distributor, "SYSTEM_ADMIN", "lin.zhixia")),
    },
    DemoUser {
        user: "sales@partner",
        subject: "demo-sales-partner",
        display_name: "周以安",
        email: "zhou.yian@lanxiu.example",
        membership: Some(member(Employer::Distributor, "OPERATOR", "zhou.yian")),
    },
    DemoUser {
        user: "finance@partner",
        subject: "demo-finance-partner",
        display_name: "苏念真",
        email: "su.nianzhen@lanxiu.example",
        membership: Some(member(Employer::Distributor, "FINANCE", "su.nianzhen")),
    },
    DemoUser {
        user: "manager@partner",
        subject: "demo-manager-partner",
        display_name: "陆承远",
        email: "lu.chengyuan@lanxiu.example",
        membership: Some(member(
            Employer::Distributor,
            "ACCOUNT_MANAGER",
            "lu.chengyuan",
        )),
    },
    DemoUser {
        user: "admin@reseller",
        subject: "demo-admin-reseller",
        display_name: "许明棠",
        email: "xu.mingtang@yuyan.example",
        membership: Some(member(Employer::Reseller, "SYSTEM_ADMIN", "xu.mingtang")),
    },
    DemoUser {
        user: "admin@starter",
        subject: "demo-admin-starter",
        display_name: "叶闻笛",
        email: "ye.wendi@songyun.example",
        membership: Some(member(Employer::Starter, "SYSTEM_ADMIN", "ye.wendi")),
    },
    DemoUser {
        user: "admin@twin",
        subject: "demo-admin-twin",
        display_name: "顾南乔",
        email: "gu.nanqiao@zhiwei.example",
        membership: Some(member(Employer::Twin, "SYSTEM_ADMIN", "gu.nanqiao")),
    },
    DemoUser {
        user: "admin@veteran",
        subject: "demo-admin-veteran",
        display_name: "秦砚书",
        email: "qin.yanshu@yunzhan.example",
        membership: Some(member(Employer::Veteran, "SYSTEM_ADMIN", "qin.yanshu")),
    },
    DemoUser {
        user: "admin@veteran-east",
        subject: "demo-admin-veteran-east",
        display_name: "江予安",
        email: "jiang.yuan@yunzhan-east.example",
        membership: Some(member(Employer::VeteranEast, "SYSTEM_ADMIN", "jiang.yuan")),
    },
    DemoUser {
        user: "reviewer@vendor",
        subject: "demo-reviewer-vendor",
        display_name: "Evelyn Harcourt",
        email: "evelyn.harcourt@vendor.example",
        membership: Some(member(
            Employer::Vendor,
            "VENDOR_REVIEWER",
            "evelyn.harcourt",
        )),
    },
    DemoUser {
        user: "bd@vendor",
        subject: "demo-bd-vendor",
        display_name: "Rowan Ashgrove",
        email: "rowan.ashgrove@vendor.example",
        membership: Some(member(Employer::Vendor, "VENDOR_BD", "rowan.ashgrove")),
    },
    DemoUser {
        user: "admin@vendor",
        subject: "demo-admin-vendor",
        display_name: "沈怀瑾",
        email: "shen.huaijin@vendor.example",
        membership: Some(member(Employer::Vendor, "VENDOR_ADMIN", "shen.huaijin")),
    },
    DemoUser {
        user: "newcomer@iam",
        subject: "demo-newcomer",
        display_name: "Milan Oduya",
        email: "milan.oduya@newcomer.example",
        membership: None,
    },
    DemoUser {
        user: "specialist@home",
        subject: "demo-specialist",
        display_name: "顾南乔",
        email: "gu.nanqiao@home.example",
        membership: None,
    },
    DemoUser {
        user: "buyer@customer",
        subject: "demo-buyer-customer",
        display_name: "苏晚晴",
        email: "su.wanqing@haichuan.example",
        membership: None,
    },
    DemoUser {
        user: "person@customer",
        subject: "demo-person-customer",
        display_name: "Noor Castellan",
        email: "noor.castellan@mail.example",
        membership: None,
    },
];

/// An account that the vendor of the demo has for a demo user, and that no partner has yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct DemoAccount {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) subject: &'static str,
    pub(super) email: &'static str,
    pub(super) mobile: &'static str,
}

/// A buyer with two accounts of one name, and a person with a personal account alone (R-CUS-11, R-CUS-2).
pub(super) const DEMO_ACCOUNTS: &[DemoAccount] = &[
    DemoAccount {
        id: "demo-cloud-haichuan",
        name: "haichuan-trade",
        kind: "CLOUD",
        subject: "demo-buyer-customer",
        email: "su.wanqing@haichuan.example",
        mobile: "13800138001",
    },
    DemoAccount {
        id: "demo-personal-haichuan",
        name: "haichuan-trade",
        kind: "PERSONAL",
        subject: "demo-buyer-customer",
        email: "su.wanqing@haichuan.example",
        mobile: "13800138001",
    },
    DemoAccount {
        id: "demo-personal-noor",
        name: "noor.castellan",
        kind: "PERSONAL",
        subject: "demo-person-customer",
        email: "noor.castellan@mail.example",
        mobile: "13800138002",
    },
];

const fn member(employer: Employer, role: &'static str, account: &'static str) -> Membership {
    Membership {
        employer,
        role,
        account,
    }
}

/// The demo users of one employer, with their roles.
pub(super) fn staff_of(employer: Employer) -> impl Iterator<Item = (Person, &'static str)> {
    DEMO_USERS.iter().filter_map(move |user| {
        let membership = user.membership.filter(|it| it.employer == employer)?;
        let person = Person {
            name: user.display_name.to_owned(),
            account: membership.account.to_owned(),
        };
        Some((person, membership.role))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_members_address_is_made_of_the_account_and_the_employers_domain() {
        for user in DEMO_USERS {
            if let Some(membership) = user.membership {
                let address = format!(
                    "{}@{}.example",
                    membership.account,
                    membership.employer.domain()
                );
                assert_eq!(user.email, address);
            }
        }
    }
}
