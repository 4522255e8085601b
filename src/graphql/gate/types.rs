//! What the gate knows of the schema: read once from the SDL, since async-graphql keeps its registry
//! to itself.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::{
    self,
    types::{
        BaseType, FieldDefinition, InputValueDefinition, SchemaDefinition, ServiceDocument, Type,
        TypeDefinition, TypeKind, TypeSystemDefinition,
    },
};
use async_graphql::{Name, Positioned, Value};

/// Arguments whose list tells how many objects a field answers.
const LISTS_OF_KEYS: [&str; 2] = ["ids", "representations"];

/// The types of the schema, by name.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub(super) query: String,
    pub(super) mutation: String,
    pub(super) subscription: String,
    composites: HashMap<String, Composite>,
    pub(super) inputs: HashMap<String, InputObject>,
    pub(super) enums: HashMap<String, HashSet<String>>,
}

/// An object, interface or union.
#[derive(Debug, Default)]
pub(super) struct Composite {
    fields: HashMap<String, OutputField>,
    /// A page of a list: its own lists are as long as its `first` says.
    pub(super) is_page: bool,
}

#[derive(Debug)]
pub(super) struct OutputField {
    pub(super) type_name: String,
    pub(super) is_list: bool,
    /// What `first` or `last` says of the number of elements.
    pub(super) page: Option<Page>,
    /// The argument that lists the keys of the answered objects.
    pub(super) keys: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    /// The number of elements when the argument is absent, if the schema states it.
    pub(super) default: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct InputObject {
    pub(super) fields: HashMap<String, InputField>,
    pub(super) one_of: bool,
}

#[derive(Debug)]
pub(super) struct InputField {
    pub(super) ty: Type,
    pub(super) has_default: bool,
}

impl Types {
    pub(super) fn parse(sdl: &str) -> Result<Self, parser::Error> {
        let ServiceDocument { definitions } = parser::parse_schema(sdl)?;
        let mut types = Self {
            query: "Query".into(),
            mutation: "Mutation".into(),
            subscription: "Subscription".into(),
            ..Self::default()
        };
        for definition in definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => types.read_roots(schema.node),
                TypeSystemDefinition::Type(ty) => types.read_type(ty.node),
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(types)
    }

    /// The field `name` of the composite type `parent`, if both are in the schema.
    pub(super) fn field(&self, parent: &str, name: &str) -> Option<&OutputField> {
        self.composites.get(parent)?.fields.get(name)
    }

    pub(super) fn composite(&self, name: &str) -> Option<&Composite> {
        self.composites.get(name)
    }

    fn read_roots(&mut self, schema: SchemaDefinition) {
        let roots = [
            (&mut self.query, schema.query),
            (&mut self.mutation, schema.mutation),
            (&mut self.subscription, schema.subscription),
        ];
        for (root, named) in roots {
            if let Some(named) = named {
                *root = named.node.to_string();
            }
        }
    }

    fn read_type(&mut self, ty: TypeDefinition) {
        let name = ty.name.node.to_string();
        match ty.kind {
            TypeKind::Scalar => {}
            TypeKind::Object(object) => self.read_fields(name, object.fields),
            TypeKind::Interface(interface) => self.read_fields(name, interface.fields),
            TypeKind::Union(_) => self.read_fields(name, Vec::new()),
            TypeKind::Enum(definition) => {
                let values = definition.values.into_iter();
                let values = values.map(|value| value.node.value.node.to_string());
                self.enums.entry(name).or_default().extend(values);
            }
            TypeKind::InputObject(definition) => {
                let input = self.inputs.entry(name).or_default();
                input.one_of |= ty.directives.iter().any(|d| d.node.name.node == "oneOf");
                let fields = definition
                    .fields
                    .into_iter()
                    .map(|field| input_field(field.node));
                input.fields.extend(fields);
            }
        }
    }

    fn read_fields(&mut self, name: String, fields: Vec<Positioned<FieldDefinition>>) {
        let is_page = name.ends_with("Connection");
        let composite = self.composites.entry(name).or_default();
        composite.is_page = is_page;
        let fields = fields.into_iter().map(|field| output_field(&field.node));
        composite.fields.extend(fields);
    }
}

fn input_field(field: InputValueDefinition) -> (String, InputField) {
    let name = field.name.node.to_string();
    let has_default = field.default_value.is_some();
    let ty = field.ty.node;
    (name, InputField { ty, has_default })
}

fn output_field(field: &FieldDefinition) -> (String, OutputField) {
    let argument = |name: &str| field.arguments.iter().find(|a| a.node.name.node == name);
    let page = |name: &str| {
        let default = match argument(name)?.node.default_value.as_ref().map(|v| &v.node) {
            Some(Value::Number(number)) => number.as_u64(),
            _ => None,
        };
        Some(Page { default })
    };
    let (named, is_list) = innermost(&field.ty.node);
    let output = OutputField {
        type_name: named.to_string(),
        is_list,
        page: page("first").or_else(|| page("last")),
        keys: LISTS_OF_KEYS
            .into_iter()
            .find(|name| argument(name).is_some()),
    };
    (field.name.node.to_string(), output)
}

/// The type inside all list and non-null wrappers, and whether there was a list.
fn innermost(ty: &Type) -> (&Name, bool) {
    match &ty.base {
        BaseType::Named(name) => (name, false),
        BaseType::List(inner) => (innermost(inner).0, true),
    }
}
