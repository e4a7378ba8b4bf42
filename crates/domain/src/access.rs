//! Who may write what. Default deny: what is not listed is refused, and every row is tested.

use serde::{Deserialize, Serialize};

use crate::grade;
use crate::hazard::{self, HazardState};
use crate::kind::{self, GroupPolicy};
use crate::merge::Refusal;
use crate::permit::PermitFact;
use crate::record::{Change, GroupChange, Record, Verb};

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 协管员: registers at the door, in the villages granted.
    Coordinator,
    /// 房东: reports on the homes owned.
    Landlord,
    /// 派出所: verifies and settles, for the villages of a station.
    Officer,
    /// 县公安局: accounts, devices, areas, policy; writes no register records.
    Admin,
}

impl Role {
    /// As stored and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Coordinator => "coordinator",
            Role::Landlord => "landlord",
            Role::Officer => "officer",
            Role::Admin => "admin",
        }
    }

    /// The opposite of [`Role::as_str`].
    pub fn from_text(text: &str) -> Option<Role> {
        [Role::Coordinator, Role::Landlord, Role::Officer, Role::Admin].into_iter().find(|role| role.as_str() == text)
    }
}

/// Whether a role may make this change at all; where it may is checked against the scopes by the server.
///
/// # Errors
/// [`Refusal::Role`] with the group, or the kind, that is not theirs.
pub fn may_write(role: Role, change: &Change, held: Option<&Record>) -> Result<(), Refusal> {
    let refuse = |what: &str| Err(Refusal::Role(what.to_owned()));
    if matches!(role, Role::Admin) || kind::is_county(&change.kind) || !kind::is_known(&change.kind) {
        return refuse(&change.kind);
    }
    if matches!(change.verb, Verb::Delete | Verb::Restore) {
        if kind::is_fact(&change.kind) {
            return Err(Refusal::FactIsFinal);
        }
        let deletable = matches!(
            change.kind.as_str(),
            kind::UNIT | kind::ROOM | kind::PERSON | kind::RESIDENCY | kind::STAY | kind::TENANCY | kind::REFERRAL
        );
        return if deletable && matches!(role, Role::Coordinator | Role::Officer) { Ok(()) } else { refuse(&change.kind) };
    }
    // A conflict is stated by the server, and a report by its reporter: others only answer one that is there.
    let is_there = held.is_some();
    for (group, incoming) in &change.groups {
        if kind::policy(&change.kind, group) == GroupPolicy::Server {
            return refuse(group);
        }
        let state = incoming.fields.get("state").and_then(|state| state.as_str());
        let allowed = match role {
            Role::Coordinator => match (change.kind.as_str(), group.as_str()) {
                // A cancelled registration is brought back by the station, domain §8.1.
                (kind::RESIDENCY, "status") => {
                    let was = held.and_then(|held| held.text("status", "state"));
                    // Only these two: an empty state in between would be a way around the station.
                    state == Some("cancelled") || (state == Some("active") && was != Some("cancelled"))
                }
                // The legal start of a registration is written once; only the station alters it, domain §10.8.
                (kind::RESIDENCY, "declared") => {
                    held.and_then(|held| held.fields("declared")).is_none_or(|was| *was == incoming.fields)
                }
                (kind::REPORT, "check") => is_there && matches!(state, Some("accepted" | "returned")),
                (kind::REPORT, _) => false,
                // A registration brought back after an absence is the station's, and so is every card.
                (kind::RESIDENCY, "restored") => false,
                (kind::PERMIT_APPLICATION, "decided") | (kind::PERMIT, _) => false,
                (kind::PERMIT_EVENT, "fact") => {
                    let fact = serde_json::from_value::<PermitFact>(serde_json::Value::Object(incoming.fields.clone()));
                    fact.is_ok_and(|fact| !fact.is_stations())
                }
                // A home's grade is computed; only the station sets another, domain §2.4.
                (kind::UNIT, "grade") => false,
                // Whoever was there proposes one, and does not answer himself.
                (kind::UNIT, grade::WANTED) => !incoming.fields.contains_key("answer"),
                // Nor does anybody else say what is to be swept, domain §7.4.
                (kind::SWEEP, _) => false,
                (kind::HAZARD, "state") => goes_on(held, incoming),
                // Two are taken apart after they were taken for one.
                (kind::PERSON, "apart") => is_there,
                (kind::CONFLICT | kind::DUPLICATE, "settled") => is_there,
                (kind::CONFLICT | kind::DUPLICATE, _) => false,
                _ => true,
            },
            Role::Officer => match (change.kind.as_str(), group.as_str()) {
                (kind::HAZARD, "state") => goes_on(held, incoming),
                (kind::REPORT, "check") => is_there && matches!(state, Some("accepted" | "returned")),
                (kind::REPORT, _) => false,
                // The station decides about what was asked, and asks for nothing in one breath.
                (kind::PERMIT_APPLICATION, "decided") => is_there,
                (kind::PERSON, "apart") => is_there,
                (kind::CONFLICT | kind::DUPLICATE, "settled") => is_there,
                (kind::CONFLICT | kind::DUPLICATE, _) => false,
                _ => true,
            },
            Role::Landlord => match (change.kind.as_str(), group.as_str()) {
                (kind::REPORT, "said" | "document") => true,
                (kind::REPORT, "check") => is_there && state == Some("withdrawn"),
                (kind::CONFLICT, "settled") => is_there,
                _ => false,
            },
            Role::Admin => false,
        };
        if !allowed {
            return refuse(group);
        }
    }
    Ok(())
}

/// Whether a hazard may go from where its writer saw it to where he puts it. Who had not seen where it stands is not judged by
/// it: the two decisions meet by their weight.
fn goes_on(held: Option<&Record>, incoming: &GroupChange) -> bool {
    let to = incoming.fields.get("state").and_then(|state| state.as_str()).and_then(HazardState::from_code);
    let stands = held.and_then(|held| held.groups.get("state"));
    let had_seen = stands.is_some_and(|stands| incoming.base.is_some_and(|base| stands.is_named(base)));
    let was = held.filter(|_| had_seen).map(hazard::state_of);
    match (to, stands) {
        (Some(to), None) => HazardState::may_become(None, to),
        (Some(to), Some(_)) if had_seen => HazardState::may_become(was, to),
        (Some(_), Some(_)) => true,
        (None, _) => false,
    }
}
