//! The shape of a document: how deep, how wide, how much once every fragment is written out.
//!
//! Each fragment is measured once and its measures are added wherever it is spread, so the work is
//! linear in the document however large it would be when written out. All sums saturate.

use std::collections::{HashMap, hash_map::Entry};

use async_graphql::{
    Name, Pos, Positioned, Value,
    parser::types::{
        Directive, ExecutableDocument, Field, FragmentSpread, OperationDefinition, OperationType,
        Selection, SelectionSet,
    },
};

use super::{
    Limits,
    error::{RequestCode, RequestError, count, within},
    values,
};

/// Fields of the introspection types that lead from a type to other types or their fields. Following
/// two of them after another walks the schema in circles; no tool does.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// Checks every operation and fragment of `document` and returns how many nodes were looked at.
/// `weights` says how large each variable of the operation is.
pub(super) fn check(
    document: &ExecutableDocument,
    weights: &HashMap<Name, u64>,
    limits: &Limits,
) -> (u64, Result<Checked, RequestError>) {
    let mut measure = Measure {
        document,
        weights,
        limits,
        fragments: HashMap::new(),
        level: 0,
        nodes: 0,
    };
    let result = measure.document();
    (measure.nodes, result)
}

/// What else is known of a document that is within the limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checked {
    /// Some operation asks for the schema.
    pub(super) introspects: bool,
}

/// What a part of a document amounts to when its fragments are written out.
#[derive(Debug, Clone, Copy, Default)]
struct Shape {
    /// Fields at its top.
    width: u64,
    depth: u32,
    nesting: u32,
    /// Most [`INTROSPECTION_LISTS`] fields on one path.
    introspection_lists: u64,
    schemas: u64,
    /// `__schema` and `__type` fields.
    introspections: u64,
    selections: u64,
    aliases: u64,
    directives: u64,
    values: u64,
}

impl Shape {
    fn beside(self, other: Self) -> Self {
        Self {
            width: self.width.saturating_add(other.width),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
            schemas: self.schemas.saturating_add(other.schemas),
            introspections: self.introspections.saturating_add(other.introspections),
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            values: self.values.saturating_add(other.values),
        }
    }
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    weights: &'a HashMap<Name, u64>,
    limits: &'a Limits,
    /// `None` while a fragment is being measured: meeting it again means a cycle.
    fragments: HashMap<&'a str, Option<Shape>>,
    level: u32,
    nodes: u64,
}

impl<'a> Measure<'a> {
    fn document(&mut self) -> Result<Checked, RequestError> {
        let mut whole = Shape::default();
        for (_, operation) in self.document.operations.iter() {
            whole = whole.beside(self.operation(operation)?);
        }
        // A fragment that no operation uses is validated all the same.
        for (name, fragment) in &self.document.fragments {
            let shape = self.fragment(name, fragment.pos)?;
            within("selections", shape.selections, self.limits.selections)?;
        }
        within("selections", whole.selections, self.limits.selections)?;
        within("values", whole.values, self.limits.values)?;
        let introspects = whole.introspections > 0;
        Ok(Checked { introspects })
    }

    fn operation(
        &mut self,
        operation: &'a Positioned<OperationDefinition>,
    ) -> Result<Shape, RequestError> {
        let limits = self.limits;
        let OperationDefinition {
            ty,
            variable_definitions,
            directives,
            selection_set,
        } = &operation.node;
        let mut shape = self
            .selection_set(&selection_set.node)?
            .beside(self.directives(directives)?);
        for variable in variable_definitions {
            shape = shape.beside(self.directives(&variable.node.directives)?);
        }
        match ty {
            OperationType::Query => within("root_fields", shape.width, limits.root_fields)?,
            OperationType::Mutation => {
                within("root_mutations", shape.width, limits.root_mutations)?;
            }
            OperationType::Subscription if shape.width == 1 => {}
            OperationType::Subscription => {
                let message = "A subscription selects exactly one field.";
                return Err(
                    RequestError::new(RequestCode::ValidationFailed, message).at(operation.pos)
                );
            }
        }
        within("depth", shape.depth.into(), limits.depth.into())?;
        within("aliases", shape.aliases, limits.aliases)?;
        within("directives", shape.directives, limits.directives)?;
        within("introspection_schemas", shape.schemas, 1)?;
        Ok(shape)
    }

    fn selection_set(&mut self, set: &'a SelectionSet) -> Result<Shape, RequestError> {
        self.level += 1;
        within("nesting", self.level.into(), self.limits.nesting.into())?;
        let mut shape = Shape::default();
        for selection in &set.items {
            self.nodes += 1;
            shape = shape.beside(match &selection.node {
                Selection::Field(field) => self.field(&field.node)?,
                Selection::FragmentSpread(spread) => self.spread(&spread.node, spread.pos)?,
                Selection::InlineFragment(inline) => {
                    let inner = self.selection_set(&inline.node.selection_set.node)?;
                    written(inner).beside(self.directives(&inline.node.directives)?)
                }
            });
        }
        self.level -= 1;
        shape.nesting += 1;
        within("nesting", shape.nesting.into(), self.limits.nesting.into())?;
        Ok(shape)
    }

    fn field(&mut self, field: &'a Field) -> Result<Shape, RequestError> {
        let inner = if field.selection_set.node.items.is_empty() {
            Shape::default()
        } else {
            self.selection_set(&field.selection_set.node)?
        };
        let name = field.name.node.as_str();
        let mut shape = written(inner);
        shape.width = 1;
        shape.depth = inner.depth.saturating_add(1);
        shape.aliases = shape.aliases.saturating_add(field.alias.is_some().into());
        if matches!(name, "__schema" | "__type") {
            let limits = self.limits;
            within(
                "introspection_depth",
                inner.depth.into(),
                limits.introspection_depth.into(),
            )?;
            within("introspection_lists", inner.introspection_lists, 1)?;
            shape.depth = 1;
            shape.introspections = shape.introspections.saturating_add(1);
            shape.schemas = shape.schemas.saturating_add((name == "__schema").into());
        }
        if INTROSPECTION_LISTS.contains(&name) {
            shape.introspection_lists = inner.introspection_lists.saturating_add(1);
        }
        for (_, value) in &field.arguments {
            shape.values = shape.values.saturating_add(
                self.value(|variable| value.node.clone().into_const_with(variable)),
            );
        }
        Ok(shape.beside(self.directives(&field.directives)?))
    }

    fn spread(&mut self, spread: &'a FragmentSpread, at: Pos) -> Result<Shape, RequestError> {
        let inner = self.fragment(&spread.fragment_name.node, at)?;
        Ok(written(inner).beside(self.directives(&spread.directives)?))
    }

    /// The measures of a fragment; an unknown one is left to validation.
    fn fragment(&mut self, name: &'a Name, at: Pos) -> Result<Shape, RequestError> {
        let Some(definition) = self.document.fragments.get(name.as_str()) else {
            return Ok(Shape::default());
        };
        match self.fragments.entry(name.as_str()) {
            Entry::Occupied(measured) => {
                return measured.get().ok_or_else(|| {
                    let message = format!("The fragment \"{name}\" contains itself.");
                    RequestError::new(RequestCode::ValidationFailed, message).at(at)
                });
            }
            Entry::Vacant(entry) => entry.insert(None),
        };
        let shape = self.selection_set(&definition.node.selection_set.node)?;
        let shape = shape.beside(self.directives(&definition.node.directives)?);
        self.fragments.insert(name.as_str(), Some(shape));
        Ok(shape)
    }

    fn directives(
        &mut self,
        directives: &'a [Positioned<Directive>],
    ) -> Result<Shape, RequestError> {
        within(
            "directives_on_one",
            count(directives.len()),
            count(self.limits.directives_on_one),
        )?;
        let mut values = 0_u64;
        for directive in directives {
            for (_, value) in &directive.node.arguments {
                values = values.saturating_add(
                    self.value(|variable| value.node.clone().into_const_with(variable)),
                );
            }
        }
        self.nodes += count(directives.len());
        Ok(Shape {
            directives: count(directives.len()),
            values,
            ..Shape::default()
        })
    }

    /// The weight of an argument's value. `resolve` copies the literal and asks for its variables,
    /// whose weights are known: their values are not copied.
    fn value(
        &mut self,
        resolve: impl FnOnce(&mut dyn FnMut(Name) -> Result<Value, ()>) -> Result<Value, ()>,
    ) -> u64 {
        let mut variables = 0_u64;
        let mut weigh = |name: Name| {
            variables = variables.saturating_add(self.weights.get(&name).copied().unwrap_or(1));
            Ok(Value::Null)
        };
        let literal = resolve(&mut weigh).as_ref().map_or(0, values::weight);
        self.nodes = self.nodes.saturating_add(literal);
        literal.saturating_add(variables)
    }
}

/// One selection with `inner` below it.
fn written(inner: Shape) -> Shape {
    Shape {
        selections: inner.selections.saturating_add(1),
        ..inner
    }
}
