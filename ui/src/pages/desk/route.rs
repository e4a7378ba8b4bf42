//! The officer's addresses. Filters stand in the address too, so that a list can be kept and sent on.

use serde::{Deserialize, Serialize};
use yew::AttrValue;
use yew_router::prelude::*;

/// Every page of the desk.
#[derive(Clone, Debug, PartialEq, Routable)]
pub enum Route {
    /// Areas with counts.
    #[at("/")]
    Overview,
    /// Records of a kind.
    #[at("/records/:kind")]
    Records {
        /// The kind.
        kind: String,
    },
    /// Applications for permits that wait for the station.
    #[at("/permits")]
    Permits,
    /// Homes with something open, or a grade proposed.
    #[at("/safety")]
    Safety,
    /// Sweeps of the villages.
    #[at("/sweeps")]
    Sweeps,
    /// Late work that waits for a decision.
    #[at("/held")]
    Held,
    /// Plates of a village.
    #[at("/plates")]
    Plates,
    /// Devices.
    #[at("/devices")]
    Devices,
    /// Both sides compared.
    #[at("/proof")]
    Proof,
    /// Why something is as it is.
    #[at("/why")]
    Why,
    /// A restored server.
    #[at("/restored")]
    Restored,
    /// No such page.
    #[not_found]
    #[at("/lost")]
    Lost,
}

/// What narrows a list, and the record shown beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// One village.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub area: String,
    /// What is looked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// The record shown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Which of a page's lists.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub list: String,
}

/// What narrows the list of late work, and the save shown beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeldFilter {
    /// One device's number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// Received from this day on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Received until this day.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub until: String,
    /// `1` for those decided too.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub decided: String,
    /// The page after this number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after: String,
    /// The save shown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
}

/// What narrows the table of comparisons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProofFilter {
    /// One device's number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// `1` for what is not known to be the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub different: String,
    /// `1` for the county's and a person's own too.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub others: String,
}

/// The save that is looked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WhyFilter {
    /// Its number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub no: String,
}

/// The kinds a station looks at, in the order of the tabs.
pub const KINDS: [&str; 9] =
    ["residency", "unit", "person", "report", "referral", "permit_application", "permit", "conflict", "duplicate"];

impl Route {
    /// As an address on this page.
    pub fn href(&self) -> AttrValue {
        format!("#{}", self.to_path()).into()
    }
}

/// A list as an address.
pub fn records_href(kind: &str, area: &str, id: &str) -> AttrValue {
    with_query(format!("#/records/{kind}"), &[("area", area), ("id", id)])
}

/// An application or a card in the station's list as an address.
pub fn permits_href(list: &str, id: &str) -> AttrValue {
    with_query("#/permits".to_owned(), &[("list", list), ("id", id)])
}

/// A home in the station's list of what is open as an address.
pub fn safety_href(id: &str) -> AttrValue {
    with_query("#/safety".to_owned(), &[("id", id)])
}

/// The list of late work as an address.
pub fn held_href(filter: &HeldFilter) -> AttrValue {
    let HeldFilter { device, from, until, decided, after, id } = filter;
    let query: [(&str, &str); 6] =
        [("device", device), ("from", from), ("until", until), ("decided", decided), ("after", after), ("id", id)];
    with_query("#/held".to_owned(), &query)
}

/// The comparisons of one device as an address; of all without it.
pub fn proof_href(device: &str) -> AttrValue {
    with_query("#/proof".to_owned(), &[("device", device)])
}

/// What became of a save as an address.
pub fn why_save_href(no: &str) -> AttrValue {
    with_query("#/why".to_owned(), &[("no", no)])
}

/// Codes, days and numbers only: nothing in them needs escaping.
fn with_query(mut href: String, query: &[(&str, &str)]) -> AttrValue {
    let mut mark = '?';
    for (name, value) in query {
        if !value.is_empty() {
            href.push(mark);
            href.push_str(name);
            href.push('=');
            href.push_str(value);
            mark = '&';
        }
    }
    href.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_an_address() {
        assert_eq!(records_href("unit", "", ""), "#/records/unit");
        assert_eq!(records_href("unit", "330822001001", "x"), "#/records/unit?area=330822001001&id=x");
        assert_eq!(Route::Records { kind: "unit".to_owned() }.href(), "#/records/unit");
        let filter = HeldFilter { device: "7".to_owned(), id: "3".to_owned(), ..HeldFilter::default() };
        assert_eq!(held_href(&filter), "#/held?device=7&id=3");
        assert_eq!(held_href(&HeldFilter::default()), Route::Held.href());
        assert_eq!((proof_href(""), proof_href("7")), (Route::Proof.href(), "#/proof?device=7".into()));
        assert_eq!(why_save_href("K7Q2-M9XD"), "#/why?no=K7Q2-M9XD");
    }
}
