//! What an operation will cost at most, from the schema and its page sizes, before it runs.
//!
//! An object costs 1 and the fields below it; a list costs that for every element it may have; a
//! mutation costs 10 more. Scalars and enums cost nothing. Every branch counts, taken or not.

use std::collections::HashMap;

use async_graphql::{
    Value, Variables,
    parser::types::{
        ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};

use super::{
    Limits,
    error::count,
    types::{OutputField, Types},
};

const MUTATION: u64 = 10;
/// One `__schema` or `__type`: a large answer, but from memory.
const INTROSPECTION: u64 = 100;

/// The cost of `operation`, and how many nodes were looked at. The document has passed
/// [`super::document::check`]: its fragments do not contain themselves.
pub(super) fn of(
    operation: &OperationDefinition,
    document: &ExecutableDocument,
    schema: &Schema<'_>,
) -> (u64, u64) {
    let root = match operation.ty {
        OperationType::Query => &schema.types.query,
        OperationType::Mutation => &schema.types.mutation,
        OperationType::Subscription => &schema.types.subscription,
    };
    let mut pricing = Pricing {
        schema,
        document,
        fragments: HashMap::new(),
        nodes: 0,
    };
    let price = pricing.selection_set(root, &operation.selection_set.node);
    (price.with_page_of(schema.limits.page_size), pricing.nodes)
}

/// What prices depend on beside the document.
pub(super) struct Schema<'a> {
    pub(super) types: &'a Types,
    pub(super) limits: &'a Limits,
    pub(super) variables: &'a Variables,
}

/// The price of a selection. The lists of a page are priced per element, since only the field that
/// answers the page knows its size; so a fragment on a page has one price wherever it is spread.
#[derive(Debug, Clone, Copy, Default)]
struct Price {
    fixed: u64,
    per_element: u64,
}

impl Price {
    fn with_page_of(self, size: u64) -> u64 {
        self.fixed
            .saturating_add(self.per_element.saturating_mul(size))
    }

    fn plus(self, other: Self) -> Self {
        Self {
            fixed: self.fixed.saturating_add(other.fixed),
            per_element: self.per_element.saturating_add(other.per_element),
        }
    }

    fn fixed(fixed: u64) -> Self {
        Self {
            fixed,
            per_element: 0,
        }
    }
}

struct Pricing<'a> {
    schema: &'a Schema<'a>,
    document: &'a ExecutableDocument,
    fragments: HashMap<&'a str, Price>,
    nodes: u64,
}

impl<'a> Pricing<'a> {
    fn selection_set(&mut self, parent: &str, set: &'a SelectionSet) -> Price {
        let mut price = Price::default();
        for selection in &set.items {
            self.nodes += 1;
            price = price.plus(match &selection.node {
                Selection::Field(field) => self.field(parent, &field.node),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    self.selection_set(on, &inline.node.selection_set.node)
                }
            });
        }
        price
    }

    fn fragment(&mut self, name: &str) -> Price {
        if let Some(known) = self.fragments.get(name) {
            return *known;
        }
        let Some((name, definition)) = self.document.fragments.get_key_value(name) else {
            return Price::default();
        };
        let on = &definition.node.type_condition.node.on.node;
        let price = self.selection_set(on, &definition.node.selection_set.node);
        self.fragments.insert(name, price);
        price
    }

    fn field(&mut self, parent: &str, field: &'a Field) -> Price {
        let Schema { types, limits, .. } = *self.schema;
        let name = field.name.node.as_str();
        let Some(definition) = types.field(parent, name) else {
            // Unknown fields are refused by validation.
            let introspects = matches!(name, "__schema" | "__type");
            return Price::fixed(if introspects { INTROSPECTION } else { 0 });
        };
        let call = if parent == types.mutation {
            MUTATION
        } else {
            0
        };
        if field.selection_set.node.items.is_empty() {
            return Price::fixed(call);
        }
        let inner = self.selection_set(&definition.type_name, &field.selection_set.node);
        let is_page = |name: &str| types.composite(name).is_some_and(|ty| ty.is_page);
        let one = Price::fixed(inner.with_page_of(limits.page_size).saturating_add(1));
        let price = if is_page(&definition.type_name) {
            Price::fixed(
                inner
                    .with_page_of(self.size(field, definition))
                    .saturating_add(1),
            )
        } else if definition.is_list && definition.page.is_none() && is_page(parent) {
            Price {
                fixed: 0,
                per_element: one.fixed,
            }
        } else if definition.is_list {
            Price::fixed(one.fixed.saturating_mul(self.size(field, definition)))
        } else {
            one
        };
        price.plus(Price::fixed(call))
    }

    /// How many elements the field may answer.
    fn size(&self, field: &Field, definition: &OutputField) -> u64 {
        let limits = self.schema.limits;
        let asked = |name: &str| self.number(field, name);
        if let Some(page) = definition.page {
            let asked = asked("first").or_else(|| asked("last"));
            return asked.or(page.default).unwrap_or(limits.page_size);
        }
        definition.keys.and_then(asked).unwrap_or(limits.list_size)
    }

    /// The argument as a number, or as the length of a list.
    fn number(&self, field: &Field, argument: &str) -> Option<u64> {
        let value = field.get_argument(argument)?.node.clone();
        let resolved = value.into_const_with(|name| {
            // Only what is read below: a copy of a large variable per use would not be linear.
            Ok::<_, ()>(match self.schema.variables.get(&name) {
                Some(Value::Number(number)) => Value::Number(number.clone()),
                Some(Value::List(items)) => Value::from(items.len()),
                _ => Value::Null,
            })
        });
        match resolved.ok() {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::List(items)) => Some(count(items.len())),
            _ => None,
        }
    }
}
