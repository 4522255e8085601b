//! What a reviewer would say of a deal before it is handed in: words that tell nothing, and what was refused before. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::super::error::Fault;
use super::Content;
use crate::error::Refusal;
use crate::text::fold;

/// Shorter texts tell a reviewer nothing.
const SHORTEST_PROSE: usize = 10;

/// Words that stand for something to be written later, folded.
const PLACEHOLDERS: &[&str] = &[
    "tbd",
    "tba",
    "n/a",
    "na",
    "none",
    "test",
    "todo",
    "xxx",
    "待定",
    "待补充",
    "暂无",
    "测试",
    "无",
    "未知",
    "略",
];

/// What a submission needs, each with words by which a reason for a refusal speaks of it.
const FIELDS: &[(&str, &[&str])] = &[
    ("description", &["description", "描述", "说明"]),
    (
        "customerName",
        &["customer name", "company name", "客户名称", "公司名称"],
    ),
    (
        "customerRegion",
        &["region", "location", "地区", "区域", "所在地"],
    ),
    ("customerIndustry", &["industry", "行业"]),
    ("expectedRevenue", &["revenue", "收入"]),
    ("budget", &["budget", "预算"]),
    ("decisionMaker", &["decision", "authority", "决策"]),
    ("need", &["need", "requirement", "需求"]),
    (
        "purchaseOn",
        &["timeline", "purchase", "schedule", "时间", "采购", "计划"],
    ),
    ("contacts", &["contact", "联系"]),
    ("customerConsentConfirmed", &["consent", "同意", "授权"]),
    (
        "offeringIds",
        &["offering", "solution", "product", "方案", "商品"],
    ),
    ("preSalesActivities", &["pre-sales", "activity", "售前"]),
];

/// How a field would fare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    Complete,
    /// There, but a reviewer would ask.
    Vague,
    Missing,
}

/// One field of the grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Graded {
    pub(crate) field: &'static str,
    pub(crate) finish: Finish,
    /// How many refusals of the organisation's own deals spoke of it.
    pub(crate) past_refusals: i32,
}

/// The grade of all fields, and one number for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grade {
    pub(crate) fields: Vec<Graded>,
    /// From 0 to 100; a field weighs more the more often its lack was a reason for a refusal.
    pub(crate) score: i32,
}

/// What a reviewer would ask about, each with the field.
pub(crate) fn doubts(content: &Content, today: NaiveDate) -> Vec<Refusal> {
    let mut doubts = Vec::new();
    let prose = [
        ("description", &content.description),
        ("need", &content.need),
    ];
    let lines = [
        ("decisionMaker", &content.decision_maker),
        ("customerName", &content.customer_name),
    ];
    for (path, text) in prose.into_iter().chain(lines) {
        let folded = fold(text);
        if PLACEHOLDERS.contains(&folded.as_str()) || is_one_character(&folded) {
            doubts.push(Fault::Placeholder.at(path));
        }
    }
    for (path, text) in prose {
        let length = fold(text).chars().count();
        let minimum = SHORTEST_PROSE;
        let told = doubts
            .iter()
            .any(|doubt| doubt.path.first().is_some_and(|first| first == path));
        if length > 0 && length < minimum && !told {
            doubts.push(Fault::TooVague { minimum }.at(path));
        }
    }
    let (need, description) = (fold(&content.need), fold(&content.description));
    if !need.is_empty() && (need == description || need == fold(&content.name)) {
        doubts.push(Fault::Copied.at("need"));
    }
    if !description.is_empty() && description == fold(&content.name) {
        doubts.push(Fault::Copied.at("description"));
    }
    if content.purchase_on.is_some_and(|day| day < today) {
        doubts.push(Fault::PurchasePast.at("purchaseOn"));
    }
    doubts
}

/// One character over and over: `-`, `。。。`, `aaaa`.
fn is_one_character(text: &str) -> bool {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => characters.all(|character| character == first),
        None => false,
    }
}

/// Grades what is missing and what is doubted against the reasons of earlier refusals.
pub(crate) fn grade(missing: &[Refusal], doubts: &[Refusal], reasons: &[String]) -> Grade {
    let named = |refusals: &[Refusal], field: &str| {
        refusals
            .iter()
            .any(|refusal| refusal.path.first().is_some_and(|first| first == field))
    };
    let past = past_refusals(reasons);
    let fields: Vec<Graded> = FIELDS
        .iter()
        .map(|(field, _)| Graded {
            field,
            finish: if named(missing, field) {
                Finish::Missing
            } else if named(doubts, field) {
                Finish::Vague
            } else {
                Finish::Complete
            },
            past_refusals: past.get(field).copied().unwrap_or_default(),
        })
        .collect();
    let weight = |graded: &Graded| 2 * (1 + graded.past_refusals.min(4));
    let total: i32 = fields.iter().map(weight).sum();
    let reached: i32 = fields
        .iter()
        .map(|graded| match graded.finish {
            Finish::Complete => weight(graded),
            Finish::Vague => weight(graded) / 2,
            Finish::Missing => 0,
        })
        .sum();
    Grade {
        fields,
        score: reached * 100 / total.max(1),
    }
}

/// How many reasons speak of each field.
fn past_refusals(reasons: &[String]) -> BTreeMap<&'static str, i32> {
    let mut past = BTreeMap::new();
    for reason in reasons {
        let reason = reason.to_lowercase();
        for (field, words) in FIELDS {
            if words.iter().any(|word| reason.contains(word)) {
                *past.entry(*field).or_default() += 1;
            }
        }
    }
    past
}
