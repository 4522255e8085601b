//! The contract as tests read it: which fields there are, what they take, and the least that each input needs.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputObjectType, InputValueDefinition, Type, TypeKind,
    TypeSystemDefinition,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The types of the contract, by name, and which inputs take exactly one of their fields.
pub(crate) struct Contract(BTreeMap<String, TypeKind>, BTreeSet<String>);

/// A place in the arguments of a root field where an id is sent: `input.memberId`, `where.ownerId`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct IdPlace {
    pub(crate) root: &'static str,
    pub(crate) field: String,
    pub(crate) path: Vec<String>,
}

impl IdPlace {
    pub(crate) fn name(&self) -> &str {
        self.path.last().unwrap()
    }
}

/// Inputs of inputs of inputs; filters that hold themselves end there.
const DEEPEST: usize = 4;

fn named(wanted: &Type) -> &str {
    match &wanted.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}

impl Contract {
    pub(crate) fn read() -> Self {
        let document = parse_schema(portico::graphql::sdl()).unwrap();
        let mut one_of = BTreeSet::new();
        let mut types = BTreeMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(found) = definition else {
                continue;
            };
            let name = found.node.name.node.to_string();
            let mut directives = found.node.directives.iter();
            if directives.any(|directive| directive.node.name.node == "oneOf") {
                one_of.insert(name.clone());
            }
            types.insert(name, found.node.kind);
        }
        Self(types, one_of)
    }

    fn definitions(&self, object: &str) -> Vec<&FieldDefinition> {
        match self.0.get(object) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|it| &it.node).collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn fields(&self, object: &str) -> BTreeSet<String> {
        let fields = self.definitions(object).into_iter();
        fields.map(|field| field.name.node.to_string()).collect()
    }

    fn field(&self, root: &str, name: &str) -> &FieldDefinition {
        let mut fields = self.definitions(root).into_iter();
        fields.find(|field| field.name.node == name).unwrap()
    }

    /// The type of a mutation's one argument, by its name.
    pub(crate) fn input(&self, mutation: &str) -> (String, &InputObjectType) {
        let argument = &self.field("Mutation", mutation).arguments[0].node;
        let name = named(&argument.ty.node);
        match self.0.get(name) {
            Some(TypeKind::InputObject(input)) => (name.to_owned(), input),
            other => panic!("{name} is no input: {other:?}"),
        }
    }

    /// Every place in which a client of the graph sends an id to a root field.
    pub(crate) fn id_places(&self) -> Vec<IdPlace> {
        let mut places = Vec::new();
        for root in ["Query", "Mutation"] {
            for field in self.definitions(root) {
                for argument in &field.arguments {
                    let mut found = Vec::new();
                    self.search(&argument.node, &mut Vec::new(), &mut found);
                    places.extend(found.into_iter().map(|path| IdPlace {
                        root,
                        field: field.name.node.to_string(),
                        path,
                    }));
                }
            }
        }
        places
    }

    fn search(
        &self,
        value: &InputValueDefinition,
        path: &mut Vec<String>,
        found: &mut Vec<Vec<String>>,
    ) {
        path.push(value.name.node.to_string());
        let name = named(&value.ty.node);
        if name == "ID" {
            found.push(path.clone());
        } else if let Some(TypeKind::InputObject(input)) = self.0.get(name)
            && path.len() < DEEPEST
        {
            for field in &input.fields {
                self.search(&field.node, path, found);
            }
        }
        path.pop();
    }

    /// A request of one root field with what it needs and with `id` in one place; `own` fills the other ids.
    pub(crate) fn request(
        &self,
        place: &IdPlace,
        id: &str,
        own: &dyn Fn(&str) -> String,
    ) -> (String, Value) {
        let field = self.field(place.root, &place.field);
        let arguments: Vec<&InputValueDefinition> = field
            .arguments
            .iter()
            .map(|argument| &argument.node)
            .collect();
        let variables = self.values(&arguments, Some((&place.path, id)), own);
        let declared: Vec<String> = arguments
            .iter()
            .filter(|argument| variables.contains_key(argument.name.node.as_str()))
            .map(|argument| format!("${}: {}", argument.name.node, argument.ty.node))
            .collect();
        let passed: Vec<String> = variables
            .keys()
            .map(|name| format!("{name}: ${name}"))
            .collect();
        let kind = place.root.to_lowercase();
        let selection = self.selection(place.root, named(&field.ty.node));
        let list = |items: Vec<String>| match items.as_slice() {
            [] => String::new(),
            items => format!("({})", items.join(", ")),
        };
        let (declared, passed) = (list(declared), list(passed));
        let query = format!("{kind}{declared} {{ {}{passed} {selection} }}", place.field);
        (query, Value::Object(variables))
    }

    /// Enough of the answer to tell one from another.
    fn selection(&self, root: &str, answered: &str) -> String {
        let fields = self.fields(answered);
        if root == "Mutation" {
            let error = if fields.contains("errors") {
                "errors { code reason message path }"
            } else {
                ""
            };
            return format!("{{ __typename {error} }}");
        }
        match self.0.get(answered) {
            Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)) => {
                let count = if fields.contains("totalCount") {
                    "totalCount"
                } else {
                    ""
                };
                format!("{{ __typename {count} }}")
            }
            _ => String::new(),
        }
    }

    fn values(
        &self,
        wanted: &[&InputValueDefinition],
        placed: Option<(&[String], &str)>,
        own: &dyn Fn(&str) -> String,
    ) -> Map<String, Value> {
        let mut values = Map::new();
        for value in wanted {
            let name = value.name.node.as_str();
            let below = placed
                .filter(|(path, _)| path.first().is_some_and(|first| first == name))
                .map(|(path, id)| (&path[1..], id));
            let is_needed = !value.ty.node.nullable && value.default_value.is_none();
            if below.is_some() || is_needed {
                values.insert(
                    name.to_owned(),
                    self.value((name, &value.ty.node), below, own),
                );
            }
        }
        values
    }

    /// The least that the type takes.
    fn value(
        &self,
        (name, wanted): (&str, &Type),
        placed: Option<(&[String], &str)>,
        own: &dyn Fn(&str) -> String,
    ) -> Value {
        let base = match &wanted.base {
            BaseType::List(inner) if placed.is_some() => {
                return json!([self.value((name, inner), placed, own)]);
            }
            // A list of words wants one; a list of anything else may be empty.
            BaseType::List(inner)
                if matches!(self.0.get(named(inner)), Some(TypeKind::Enum(_))) =>
            {
                return json!([self.value((name, inner), None, own)]);
            }
            BaseType::List(_) => return json!([]),
            BaseType::Named(base) => base.as_str(),
        };
        match self.0.get(base) {
            Some(TypeKind::Enum(values)) => json!(values.values[0].node.value.node.as_str()),
            Some(TypeKind::InputObject(input)) if placed.is_none() && self.1.contains(base) => {
                let field = &input.fields[0].node;
                let name = field.name.node.as_str();
                json!({ name: self.value((name, &field.ty.node), None, own) })
            }
            Some(TypeKind::InputObject(input)) => {
                let fields: Vec<&InputValueDefinition> =
                    input.fields.iter().map(|field| &field.node).collect();
                Value::Object(self.values(&fields, placed, own))
            }
            _ => match (base, placed) {
                ("ID", Some((_, id))) => json!(id),
                ("ID", None) => json!(own(name)),
                (base, _) => scalar(base),
            },
        }
    }

    /// What a mutation's input needs, every id being one that is none.
    pub(crate) fn object(&self, input: &InputObjectType) -> Value {
        let fields: Vec<&InputValueDefinition> =
            input.fields.iter().map(|field| &field.node).collect();
        Value::Object(self.values(&fields, None, &|_| "x".to_owned()))
    }

    /// A request of one root field with the least that it needs, every id being one that is none.
    pub(crate) fn least(&self, root: &'static str, field: &str) -> (String, Value) {
        let place = IdPlace {
            root,
            field: field.to_owned(),
            path: Vec::new(),
        };
        self.request(&place, "", &|_| "x".to_owned())
    }
}

fn scalar(name: &str) -> Value {
    match name {
        "UUID" => json!(Uuid::now_v7().to_string()),
        "Version" => json!("v1"),
        "Int" => json!(1),
        "Boolean" => json!(true),
        "Date" | "NaiveDate" => json!("2026-11-30"),
        "DateTime" => json!("2026-11-30T00:00:00Z"),
        "Decimal" => json!("1"),
        "Currency" => json!("CNY"),
        _ => json!("x"),
    }
}
