//! Values on the wire: decimals as text, money with its currency, versions as they are.

use async_graphql::{
    InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value,
};
use chrono::{Datelike as _, NaiveDate};

use crate::money;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal(pub(crate) rust_decimal::Decimal);

/// A decimal number as text, such as "1250.50": at most 4 decimals and below 10^12. A JSON number is refused, since it
/// would pass through a float. An answer has no zeros at the end of its decimals.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let plain = text
            .chars()
            .all(|character| character.is_ascii_digit() || matches!(character, '.' | '-'));
        let parsed = text.parse::<rust_decimal::Decimal>().ok().filter(|_| plain);
        parsed
            .filter(|decimal| {
                decimal.scale() <= 4
                    && decimal.abs() < rust_decimal::Decimal::from(1_000_000_000_000_i64)
            })
            .map(Self)
            .ok_or_else(|| {
                InputValueError::custom(
                    "a decimal has digits, at most 4 of them behind the point, and is below 10^12",
                )
            })
    }

    fn to_value(&self) -> Value {
        // 1.5000 from the database and 1.5 from an input are the same amount and read the same.
        Value::String(self.0.normalize().to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date(pub(crate) NaiveDate);

/// A calendar day in the programme's time zone, such as "2026-11-30".
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            // The database refuses years that the format can write.
            .filter(|day| (1..=9_999).contains(&day.year()))
            .map(Self)
            .ok_or_else(|| InputValueError::custom("a day is written as 2026-11-30"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%d").to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version(pub(crate) i64);

/// The version of an object; opaque. Send the one that you read as expectedVersion.
#[Scalar]
impl ScalarType for Version {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        // An unreadable version is one that the object never had: it conflicts, it does not fail the request.
        Ok(Self(
            text.strip_prefix('v')
                .and_then(|number| number.parse().ok())
                .unwrap_or(-1),
        ))
    }

    fn to_value(&self) -> Value {
        Value::String(format!("v{}", self.0))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Currency(pub(crate) money::Currency);

/// A currency by its three capitals of ISO 4217, such as "CNY".
#[Scalar]
impl ScalarType for Currency {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        money::Currency::parse(text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("a currency is three capitals of ISO 4217"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.as_str().to_owned())
    }
}

/// An amount in a currency.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Money {
    /// How much, in whole units of the currency with up to 4 decimals.
    amount: Decimal,
    /// Of which currency.
    currency: Currency,
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self {
            amount: Decimal(money.amount),
            currency: Currency(money.currency),
        }
    }
}

/// An amount in a currency.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct MoneyInput {
    /// How much, in whole units of the currency with up to 4 decimals.
    amount: Decimal,
    /// Of which currency.
    currency: Currency,
}

impl From<MoneyInput> for money::Money {
    fn from(input: MoneyInput) -> Self {
        Self {
            amount: input.amount.0,
            currency: input.currency.0,
        }
    }
}
