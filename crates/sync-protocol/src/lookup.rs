//! Whether somebody is registered elsewhere in the county: the village and whom to call, and nothing about the person.

use domain::id_document::DocType;
use serde::{Deserialize, Serialize};

/// A document number to be looked for in the whole county.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// Which document.
    pub doc_type: DocType,
    /// Its number.
    pub doc_no: String,
}

/// A coordinator to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// As people say it.
    pub name: String,
    /// May be empty.
    pub phone: String,
}

/// A village where the document stands in a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The village's name.
    pub village: String,
    /// Its township's name.
    pub township: String,
    /// Its coordinators.
    pub coordinators: Vec<Contact>,
}
