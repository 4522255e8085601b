//! Variables made to fit their declared types before anything runs, so that a wrong one is a request
//! error. async-graphql would find it in the middle of a field.

use std::{collections::HashMap, fmt::Write as _};

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{BaseType, Type, VariableDefinition},
};
use serde_json::{Map, Number, Value as Json};

use super::{
    error::{RequestCode, RequestError, count},
    types::{InputObject, Types},
};

/// A form shows many faults at once; more than this is not read by anybody.
const MOST_FAULTS: usize = 20;
/// Bytes of a string that weigh as much as one more element.
const BYTES_PER_ELEMENT: usize = 16;
/// Integers up to here are exact as a float, which is how some clients send them.
const EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// The declared variables, coerced. Those that the operation does not declare are left out.
pub(super) fn coerce_variables(
    types: &Types,
    declared: &[Positioned<VariableDefinition>],
    mut given: Map<String, Json>,
) -> Result<Variables, Vec<RequestError>> {
    let mut variables = Variables::default();
    let mut coercion = Coercion {
        types,
        path: String::new(),
        faults: Vec::new(),
    };
    for definition in declared {
        let name = &definition.node.name.node;
        let ty = &definition.node.var_type.node;
        coercion.path = format!("${name}");
        let value = match (given.remove(name.as_str()), &definition.node.default_value) {
            (Some(json), _) => coercion.coerce(json, ty),
            (None, Some(default)) => Some(default.node.clone()),
            (None, None) if ty.nullable => None,
            (None, None) => coercion.fault(&format!("a value of type \"{ty}\" is required")),
        };
        if let Some(value) = value {
            variables.insert(name.clone(), value);
        }
    }
    if coercion.faults.is_empty() {
        return Ok(variables);
    }
    Err(coercion.faults)
}

/// How much work each variable causes wherever it is used.
pub(super) fn weights(variables: &Variables) -> HashMap<Name, u64> {
    let weighed = variables
        .iter()
        .map(|(name, value)| (name.clone(), weight(value)));
    weighed.collect()
}

/// Elements of a value; a long string counts as several.
pub(super) fn weight(value: &Value) -> u64 {
    let inner = match value {
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Enum(_) => 0,
        Value::String(text) => count(text.len() / BYTES_PER_ELEMENT),
        Value::Binary(bytes) => count(bytes.len() / BYTES_PER_ELEMENT),
        Value::List(items) => items.iter().map(weight).sum(),
        Value::Object(fields) => fields.values().map(weight).sum(),
    };
    1 + inner
}

struct Coercion<'a> {
    types: &'a Types,
    /// Where we are: `$input.lines[2].amount`.
    path: String,
    faults: Vec<RequestError>,
}

impl Coercion<'_> {
    /// `None` when there is a fault, which is then recorded.
    fn coerce(&mut self, json: Json, ty: &Type) -> Option<Value> {
        match (&ty.base, json) {
            (_, Json::Null) if ty.nullable => Some(Value::Null),
            (_, Json::Null) => self.fault(&format!("null is not allowed by \"{ty}\"")),
            (BaseType::List(inner), Json::Array(items)) => self.list(items, inner),
            (BaseType::List(inner), single) => Some(Value::List(vec![self.coerce(single, inner)?])),
            (BaseType::Named(name), json) => self.named(json, name),
        }
    }

    fn list(&mut self, items: Vec<Json>, ty: &Type) -> Option<Value> {
        let mut values = Vec::with_capacity(items.len());
        let faults = self.faults.len();
        for (index, item) in items.into_iter().enumerate() {
            let value = self.below(format_args!("[{index}]"), |this| this.coerce(item, ty));
            values.extend(value);
        }
        (self.faults.len() == faults).then_some(Value::List(values))
    }

    fn named(&mut self, json: Json, name: &Name) -> Option<Value> {
        let types = self.types;
        if let Some(values) = types.enums.get(name.as_str()) {
            let known = json.as_str().filter(|value| values.contains(*value));
            let wanted = format!("one of the values of the enum \"{name}\"");
            return self.scalar(known.map(|value| Value::Enum(Name::new(value))), &wanted);
        }
        if let Some(input) = types.inputs.get(name.as_str()) {
            let Json::Object(fields) = json else {
                return self.fault(&format!("an object of type \"{name}\" is required"));
            };
            return self.object(fields, name, input);
        }
        match (name.as_str(), json) {
            ("Int", json) => self.scalar(int(&json), "a whole number of 32 bits"),
            ("Float", Json::Number(number)) => Some(Value::Number(number)),
            ("Float", _) => self.fault("a number is required"),
            ("Boolean", Json::Bool(flag)) => Some(Value::Boolean(flag)),
            ("Boolean", _) => self.fault("true or false is required"),
            ("String" | "ID", Json::String(text)) => Some(Value::String(text)),
            ("String", _) => self.fault("a string is required"),
            ("ID", json) => self.scalar(id(&json), "a string or a whole number"),
            // Our own scalars say themselves what they accept, when the field runs.
            (_, json) => self.scalar(Value::from_json(json).ok(), "a value"),
        }
    }

    fn object(
        &mut self,
        given: Map<String, Json>,
        name: &Name,
        input: &InputObject,
    ) -> Option<Value> {
        let faults = self.faults.len();
        let missing = input.fields.iter().filter(|(field, definition)| {
            !definition.ty.nullable && !definition.has_default && !given.contains_key(*field)
        });
        let mut missing: Vec<&String> = missing.map(|(field, _)| field).collect();
        missing.sort_unstable();
        for field in missing {
            self.below(format_args!(".{field}"), |this| {
                this.fault("a value is required")
            });
        }
        if input.one_of && (given.len() != 1 || given.values().any(Json::is_null)) {
            self.fault(&format!(
                "exactly one field of \"{name}\" must be given, and not null"
            ));
        }
        let mut fields = Vec::with_capacity(given.len());
        for (field, json) in given {
            let value = self.below(format_args!(".{field}"), |this| {
                match input.fields.get(&field) {
                    Some(definition) => this.coerce(json, &definition.ty),
                    None => this.fault(&format!("\"{name}\" has no such field")),
                }
            });
            fields.extend(value.map(|value| (Name::new(field), value)));
        }
        let object = Value::Object(fields.into_iter().collect());
        (self.faults.len() == faults).then_some(object)
    }

    fn scalar(&mut self, value: Option<Value>, wanted: &str) -> Option<Value> {
        value.or_else(|| self.fault(&format!("{wanted} is required")))
    }

    fn below<T>(&mut self, step: std::fmt::Arguments<'_>, then: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        // Writing to a string does not fail.
        self.path.write_fmt(step).unwrap_or_default();
        let result = then(self);
        self.path.truncate(length);
        result
    }

    /// Says what is wrong at the current path. The value itself is not repeated.
    fn fault(&mut self, wanted: &str) -> Option<Value> {
        if self.faults.len() < MOST_FAULTS {
            let message = format!("Variable \"{}\": {wanted}.", self.path);
            self.faults
                .push(RequestError::new(RequestCode::InvalidInput, message));
        }
        None
    }
}

fn int(json: &Json) -> Option<Value> {
    let whole = i32::try_from(whole_number(json.as_number()?)?).ok()?;
    Some(Value::from(whole))
}

fn id(json: &Json) -> Option<Value> {
    let whole = whole_number(json.as_number()?)?;
    Some(Value::String(whole.to_string()))
}

/// 3 and 3.0 are the same number in JSON.
fn whole_number(number: &Number) -> Option<i64> {
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    let float = number.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and within the exact range"
    )]
    let whole = (float.fract() == 0.0 && float.abs() <= EXACT_FLOAT).then_some(float as i64);
    whole
}
