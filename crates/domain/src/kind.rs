//! The kinds of record, their groups, and how each group merges and travels.

use crate::hazard::HazardState;
use crate::ids::RecordId;
use crate::record::Record;

/// A rental home.
pub const UNIT: &str = "unit";
/// A room of a home.
pub const ROOM: &str = "room";
/// A person.
pub const PERSON: &str = "person";
/// The residence registration of a person: one in the county.
pub const RESIDENCY: &str = "residency";
/// Where somebody lived from when to when.
pub const STAY: &str = "stay";
/// A coordinator was at a door.
pub const VISIT: &str = "visit";
/// What a visit found out about one person.
pub const VISIT_PERSON: &str = "visit_person";
/// A landlord's report.
pub const REPORT: &str = "report";
/// A foreign, Hong Kong, Macao or Taiwan document: handed to the station, not registered here.
pub const REFERRAL: &str = "referral";
/// A picture of a home, a room, or what a visit saw: of objects, never of people.
pub const PHOTO: &str = "photo";
/// A photo that is not shown any more.
pub const PHOTO_WITHDRAWAL: &str = "photo_withdrawal";
/// A visit, a check or an application that was recorded by mistake.
pub const WITHDRAWAL: &str = "withdrawal";
/// Somebody asks for a permit.
pub const PERMIT_APPLICATION: &str = "permit_application";
/// A permit the station issued.
pub const PERMIT: &str = "permit";
/// What happened to a permit.
pub const PERMIT_EVENT: &str = "permit_event";
/// A safety check of a home: what was found about each item.
pub const INSPECTION: &str = "inspection";
/// Something of a home that is not in order, until it is mended.
pub const HAZARD: &str = "hazard";
/// Somebody looked at a hazard again.
pub const RECHECK: &str = "recheck";
/// A signed letter of responsibility.
pub const LETTER: &str = "letter";
/// Every home of a village is to be looked at between two days: the station wants it.
pub const SWEEP: &str = "sweep";
/// Who rents a home, or a room of it, from whom a landlord takes the rent: a person or a firm.
pub const TENANCY: &str = "tenancy";
/// Somebody looked at a masked document number.
pub const ACCESS: &str = "access";
/// Two values that had not seen each other.
pub const CONFLICT: &str = "conflict";
/// Two registrations under one document number, told to those whom it concerns.
pub const DUPLICATE: &str = "duplicate";
/// An administrative area, written by the server.
pub const AREA: &str = "area";
/// The off-days of a year, written by the server.
pub const HOLIDAYS: &str = "holidays";
/// Which policy pack applies from when, written by the server.
pub const POLICY: &str = "policy";
/// The notice to residents, by version, written by the server.
pub const NOTICE: &str = "notice";

/// How concurrent values of a group meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupPolicy {
    /// The larger rank wins, the loser is kept as a conflict.
    Latest,
    /// Written once; a second, different value is refused.
    First,
    /// Only the server writes it.
    Server,
    /// A human decision: which one stands does not depend on who arrives first, see [`decision_weight`].
    Decision,
}

/// The name of the group that says who may see a record.
pub const PLACE: &str = "place";

/// How a group merges. Unknown kinds and groups merge as `Latest`: they are kept and passed on.
pub fn policy(kind: &str, group: &str) -> GroupPolicy {
    use GroupPolicy::*;
    match (kind, group) {
        (_, PLACE) | (_, "number") | (UNIT, "plate") => Server,
        (AREA | HOLIDAYS | POLICY | NOTICE, _) => Server,
        (CONFLICT | DUPLICATE, "what") | (DUPLICATE, "same_in") => Server,
        // Who somebody is another name of, and what was found about a reported tenant.
        (PERSON, "alias") | (RESIDENCY, "merged") | (REPORT, "match") => Server,
        (REPORT, "receipt") | (PERMIT_APPLICATION, "slip") => Server,
        (REPORT, "said" | "document") => First,
        (REPORT, "check") | (RESIDENCY, "status") | (CONFLICT | DUPLICATE, "settled") => Decision,
        (PERMIT_APPLICATION, "decided") => Decision,
        (PERMIT_APPLICATION, "who" | "asked" | "accepted") | (PERMIT, "who" | "issued") => First,
        (STAY | TENANCY, "where") | (RESIDENCY, "who") | (ROOM, "where") => First,
        (VISIT | VISIT_PERSON | PHOTO | PHOTO_WITHDRAWAL | PERMIT_EVENT | ACCESS, _) => First,
        (INSPECTION | RECHECK | LETTER | WITHDRAWAL, _) | (HAZARD, "what") => First,
        (HAZARD, "state") => Decision,
        // What was asked for stays as it was asked; whoever wants something else closes it and sets another.
        (SWEEP, _) => First,
        _ => Latest,
    }
}

/// Which of two decisions that had not seen each other stands until a person decides: the heavier one.
/// What was registered stays registered, so `active` outweighs `cancelled` and `accepted` outweighs the rest.
pub fn decision_weight(kind: &str, state: Option<&str>) -> u8 {
    match (kind, state) {
        (RESIDENCY, Some("active")) => 2,
        (RESIDENCY, Some("cancelled")) => 1,
        (REPORT, Some("accepted")) => 3,
        (REPORT, Some("withdrawn")) => 2,
        (REPORT, Some("returned")) => 1,
        // What was granted stays granted until the station decides otherwise.
        (PERMIT_APPLICATION, Some("issued")) => 4,
        (PERMIT_APPLICATION, Some("approved")) => 3,
        (PERMIT_APPLICATION, Some("refused")) => 2,
        (PERMIT_APPLICATION, Some("review")) => 1,
        // Both registrations stay until nobody says that they are two people.
        (DUPLICATE, Some("different")) => 2,
        (DUPLICATE, Some("same")) => 1,
        // What was found stands until somebody has seen that it is mended.
        (HAZARD, Some(state)) => HazardState::from_code(state).map_or(0, HazardState::weight),
        _ => 0,
    }
}

/// Kinds that are facts: no update, no delete; a correction is a new fact that names the one it withdraws.
pub fn is_fact(kind: &str) -> bool {
    matches!(
        kind,
        VISIT | VISIT_PERSON | PHOTO | PHOTO_WITHDRAWAL | INSPECTION | RECHECK | LETTER | WITHDRAWAL | PERMIT_EVENT | ACCESS
    )
}

/// Every kind this version writes. The server is upgraded first, so a push of any other kind is a mistake or an attack.
pub const ALL: &[&str] = &[
    UNIT,
    ROOM,
    PERSON,
    RESIDENCY,
    STAY,
    VISIT,
    VISIT_PERSON,
    PHOTO,
    PHOTO_WITHDRAWAL,
    INSPECTION,
    HAZARD,
    RECHECK,
    LETTER,
    WITHDRAWAL,
    SWEEP,
    TENANCY,
    REPORT,
    REFERRAL,
    PERMIT_APPLICATION,
    PERMIT,
    PERMIT_EVENT,
    ACCESS,
    CONFLICT,
    DUPLICATE,
    AREA,
    HOLIDAYS,
    POLICY,
    NOTICE,
];

/// Whether this version knows the kind.
pub fn is_known(kind: &str) -> bool {
    ALL.contains(&kind)
}

/// Kinds that only the server writes and everybody reads.
pub fn is_county(kind: &str) -> bool {
    matches!(kind, AREA | HOLIDAYS | POLICY | NOTICE)
}

/// The groups in which a record of this kind names others: `(group, field)`.
pub fn reference_fields(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        UNIT => &[("registration", "into")],
        ROOM => &[("where", "unit")],
        PERSON => &[("alias", "of")],
        RESIDENCY => &[("who", "person"), ("merged", "into")],
        STAY => &[("where", "unit"), ("where", "room"), ("where", "person"), ("where", "residency")],
        TENANCY => &[("where", "unit"), ("where", "room"), ("where", "person")],
        VISIT => &[("fact", "unit")],
        VISIT_PERSON => &[("fact", "visit"), ("fact", "person"), ("fact", "residency"), ("fact", "unit"), ("fact", "corrects")],
        PHOTO => &[("fact", "of")],
        PHOTO_WITHDRAWAL => &[("fact", "photo")],
        INSPECTION | LETTER => &[("fact", "unit")],
        WITHDRAWAL => &[("fact", "of")],
        HAZARD => &[("what", "unit"), ("what", "inspection"), ("what", "instead"), ("state", "recheck")],
        RECHECK => &[("fact", "hazard"), ("fact", "inspection")],
        REPORT => &[("said", "unit"), ("said", "room"), ("said", "about")],
        REFERRAL => &[("where", "unit")],
        PERMIT_APPLICATION => &[("who", "person"), ("who", "residency")],
        PERMIT => &[("who", "person"), ("who", "residency"), ("who", "application")],
        PERMIT_EVENT => &[("fact", "permit"), ("fact", "withdraws")],
        ACCESS => &[("fact", "record")],
        CONFLICT => &[("what", "record")],
        DUPLICATE => &[("what", "first"), ("what", "second")],
        _ => &[],
    }
}

/// The records this one names.
pub fn references(record: &Record) -> Vec<RecordId> {
    reference_fields(&record.kind).iter().filter_map(|(group, field)| record.reference(group, field)).collect()
}

/// Whether a group of a kind travels to a kind of scope. Records travel whole to areas, accounts and the county; a landlord
/// gets the groups listed here and nothing else.
pub fn travels(kind: &str, group: &str, scope: crate::place::ScopeKind) -> bool {
    use crate::place::ScopeKind;
    match scope {
        ScopeKind::Area | ScopeKind::Account | ScopeKind::County => true,
        ScopeKind::Owner => match kind {
            UNIT => matches!(group, PLACE | "address" | "landlord" | "letting" | "letter" | "registration" | "number"),
            ROOM => true,
            // The reporter sends the document number and never receives it: `document` is write-only for him.
            REPORT => matches!(group, PLACE | "said" | "receipt" | "check"),
            _ => false,
        },
    }
}
