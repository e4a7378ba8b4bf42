//! What groups and fields look like is said once in a message; after that, only values.

use std::collections::HashMap;

use domain::Fields;
use serde_json::{Value, json};

use super::Bad;
use super::values::{Places, Said, text};

/// The names of one group and its fields. `based`: the group carries one thing more, its base or its origin.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupShape {
    /// The group.
    pub name: String,
    /// Whether something of it follows before the values.
    pub based: bool,
    /// Its fields, by name.
    pub fields: Vec<String>,
}

/// The names of a whole thing. `head` is what else is the same for all of them: kind, verb, schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Kind, and for a change its verb.
    pub head: Vec<String>,
    /// For a change.
    pub schema: u32,
    /// The groups, by name.
    pub groups: Vec<GroupShape>,
}

impl GroupShape {
    /// Of a group with these fields.
    pub fn of(name: &str, based: bool, fields: &Fields) -> GroupShape {
        GroupShape { name: name.to_owned(), based, fields: fields.keys().cloned().collect() }
    }
}

/// Shapes of a message, in the order in which they were needed.
#[derive(Debug, Default)]
pub struct Shapes {
    list: Vec<Shape>,
    places: HashMap<Shape, usize>,
}

impl Shapes {
    /// The number of a shape, which is new or not.
    pub fn number(&mut self, shape: Shape) -> usize {
        if let Some(number) = self.places.get(&shape) {
            return *number;
        }
        let number = self.list.len();
        self.places.insert(shape.clone(), number);
        self.list.push(shape);
        number
    }

    /// A shape by number.
    pub fn at(&self, number: usize) -> Result<Shape, Bad> {
        self.list.get(number).cloned().ok_or(Bad)
    }

    /// All of them, as they stand in a message.
    pub fn write(self) -> Value {
        let group = |group: GroupShape| {
            if group.based { json!([group.name, group.fields, 1]) } else { json!([group.name, group.fields]) }
        };
        let shape = |shape: Shape| {
            let groups: Vec<Value> = shape.groups.into_iter().map(group).collect();
            json!([shape.head, shape.schema, groups])
        };
        Value::Array(self.list.into_iter().map(shape).collect())
    }

    /// From a message.
    pub fn read(value: Value) -> Result<Shapes, Bad> {
        let mut shapes = Shapes::default();
        let mut list = Places::of(value)?;
        while !list.is_empty() {
            let mut places = list.list()?;
            let head = texts(places.next()?)?;
            let schema = u32::try_from(places.number()?).map_err(|_| Bad)?;
            let mut groups = Vec::new();
            let mut named = places.list()?;
            while !named.is_empty() {
                let mut group = named.list()?;
                let name = group.text()?;
                let fields = texts(group.next()?)?;
                groups.push(GroupShape { name, fields, based: group.later().as_i64() == Some(1) });
            }
            shapes.list.push(Shape { head, schema, groups });
        }
        Ok(shapes)
    }
}

fn texts(value: Value) -> Result<Vec<String>, Bad> {
    match value {
        Value::Array(items) => items.into_iter().map(text).collect(),
        _ => Err(Bad),
    }
}

/// The values of a group, in the order of its names.
pub fn write_fields(said: &mut Said, fields: &Fields, into: &mut Vec<Value>) {
    into.extend(fields.values().map(|value| said.write_value(value)));
}

/// The fields of a group from its values.
pub fn read_fields(said: &mut Said, shape: &GroupShape, from: &mut Places) -> Result<Fields, Bad> {
    let mut fields = Fields::new();
    for name in &shape.fields {
        fields.insert(name.clone(), said.read_value(from.next()?)?);
    }
    Ok(fields)
}
