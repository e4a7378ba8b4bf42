//! Permits (临时居住证 and 居住证): what is asked for, what the station decides, what was issued, and what happened to it since.
//!
//! ```text
//!   permit_application   who · asked · materials · accepted ── slip (server) ── decided (the station alone)
//!         ▲
//!   permit               who · issued (the station alone) ── number (server)
//!         ▲
//!   permit_event         handed out · endorsed · changed · lost · ended: facts, never changed afterwards
//! ```
//!
//! That a permit is suspended, restored or expired is nowhere written: [`crate::permit_standing`] computes it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{FieldProblem, Problem, check_optional_text, check_past_date, parse_date};
use crate::ids::RecordId;
use crate::permit_rules::PermitRules;
use crate::policy::Due;
use crate::record::Record;

/// Characters of a note or a reason.
pub const NOTE_MAX: usize = 200;

codes! {
    /// Which permit.
    PermitKind {
        Residence = "RP", "浙江省居住证", "Residence permit";
        Temporary = "TRP", "浙江省临时居住证", "Temporary residence permit";
    }
}

codes! {
    /// On what ground a permit is asked for (2016 Art. 16).
    Ground {
        Job = "JOB", "合法稳定就业", "Lawful and stable work";
        Home = "HOME", "合法稳定住所", "A lawful and stable dwelling";
        Study = "STUDY", "连续就读", "Continuous schooling";
        InvestTalent = "INVEST_TALENT", "投资创业、引进人才", "Investment or talent policy";
    }
}

codes! {
    /// What the resident brings; only whether it was given is kept.
    Material {
        Identity = "ID", "居民身份证或者其他有效身份证明", "Identity card or other proof of identity";
        Photo = "PHOTO", "本人相片", "Photograph";
        Work = "WORK", "就业证明（劳动合同、营业执照等）", "Proof of work (contract, business licence …)";
        Dwelling = "DWELLING", "住所证明（租赁合同、房产证明、安全排查表等）", "Proof of dwelling (lease, title, safety checklist …)";
        Study = "STUDY", "就读证明（学籍、在读证明）", "Proof of schooling";
        Policy = "POLICY", "投资或人才认定证明", "Proof under the investment or talent policy";
        Temporary = "TRP", "浙江省临时居住证", "The temporary residence permit";
    }
}

codes! {
    /// What happens to a permit, after the message list of GA/T 2000.6. Issue is the permit itself; suspension and restoration
    /// are computed.
    PermitEventKind {
        HandOut = "HANDOUT", "发放", "Handed out";
        Endorse = "ENDORSE", "签注", "Endorsed";
        AddressChange = "ADDRESS_CHANGE", "居住地址变更", "Address changed";
        EmployerChange = "EMPLOYER_CHANGE", "服务处所变更", "Employer changed";
        ReplaceDamaged = "REPLACE_DAMAGED", "损坏换领", "Damaged, replacement asked for";
        ReplaceLost = "REPLACE_LOST", "遗失补领", "Lost, replacement asked for";
        Reissue = "REISSUE", "补（换）证件签发", "Replacement issued";
        Renew = "RENEW", "临时居住证延期", "Temporary permit renewed";
        Cancel = "CANCEL", "注销（使用功能终止）", "Ended";
        Withdraw = "WITHDRAW", "更正（撤回误记）", "Entry taken back";
    }
}

impl PermitEventKind {
    /// What only the station does: making a card, and letting an old one run on.
    pub fn is_stations(self) -> bool {
        matches!(self, Self::Reissue | Self::Renew)
    }

    /// A change of what stands on the card.
    pub fn is_change(self) -> bool {
        matches!(self, Self::AddressChange | Self::EmployerChange)
    }
}

codes! {
    /// Why a permit ended.
    EndReason {
        Hukou = "HUKOU", "转为本地常住户口", "Became a local household member";
        Death = "DEATH", "死亡", "Died";
        Surrendered = "SURRENDERED", "本人交回", "Handed back";
        NotEndorsed = "NOT_ENDORSED", "不再符合条件，不予签注", "Conditions no longer met, not endorsed";
        Other = "OTHER", "其他", "Other";
    }
}

impl EndReason {
    /// A decision against the holder is the station's; the others are what a coordinator sees or is handed.
    pub fn is_stations(self) -> bool {
        matches!(self, Self::NotEndorsed | Self::Other)
    }
}

/// The group `who` of an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApplicationWho {
    /// The person.
    pub person: RecordId,
    /// Their registration.
    pub residency: RecordId,
}

/// The group `asked`, written once, with what eligibility was computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Which permit.
    pub kind: PermitKind,
    /// On what ground; a temporary permit needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// The day it was asked for, `YYYY-MM-DD`.
    pub on: String,
    /// For a temporary permit: for how many months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// The pack of that day.
    pub pack: String,
    /// The day residence was counted from, `YYYY-MM-DD`; empty where it does not matter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub counted_from: String,
    /// The first day it could be asked for, `YYYY-MM-DD`; empty where residence does not matter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub eligible_on: String,
}

/// The group `materials`: what was given, and when the resident was told, once, what is missing (2016 Art. 18).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Materials {
    /// Codes of [`Material`]; of another version, too.
    #[serde(default)]
    pub given: Vec<String>,
    /// The day the missing ones were told, `YYYY-MM-DD`; empty when nothing was missing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub told_on: String,
}

impl Materials {
    /// Whether one was given.
    pub fn has(&self, material: Material) -> bool {
        self.given.iter().any(|code| code == material.code())
    }
}

/// The group `accepted`: everything was there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    /// `YYYY-MM-DD`.
    pub on: String,
}

/// The group `slip`, written by the server: the resident's proof that the application was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slip {
    /// Given by the server.
    pub no: String,
    /// When the server had it, Unix milliseconds, UTC.
    pub received_unix_ms: i64,
    /// The last day for the permit, with the pack and the inputs it was computed from; none where the law names no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
}

/// The group `decided`: where the station stands with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// [`REVIEW`], [`APPROVED`], [`REFUSED`] or [`ISSUED`].
    pub state: String,
    /// `YYYY-MM-DD`.
    pub on: String,
    /// Why it was refused; the resident reads it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// The station looks at it.
pub const REVIEW: &str = "review";
/// The card may be made.
pub const APPROVED: &str = "approved";
/// With a reason.
pub const REFUSED: &str = "refused";
/// The card is made.
pub const ISSUED: &str = "issued";

/// Whether the station may go from one state of `decided` to another. `None` is an accepted application nobody looked at.
pub fn may_step(from: Option<&str>, to: &str) -> bool {
    matches!((from, to), (None, REVIEW) | (Some(REVIEW), APPROVED | REFUSED) | (Some(APPROVED), ISSUED))
}

/// Where an application stands (domain §8.2); handing out is an event of the permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// Something is missing; the resident was told what.
    MaterialMissing,
    /// Everything is there; the slip was given.
    Accepted,
    /// The station looks at it.
    Review,
    /// The card may be made.
    Approved,
    /// With a reason.
    Refused,
    /// The card is made.
    Issued,
}

impl ApplicationState {
    /// From the groups of an application.
    pub fn of(application: &Record) -> ApplicationState {
        match application.text("decided", "state") {
            Some(REVIEW) => ApplicationState::Review,
            Some(APPROVED) => ApplicationState::Approved,
            Some(REFUSED) => ApplicationState::Refused,
            Some(ISSUED) => ApplicationState::Issued,
            _ if application.fields("accepted").is_some() => ApplicationState::Accepted,
            _ => ApplicationState::MaterialMissing,
        }
    }

    /// As lists store it.
    pub fn as_str(self) -> &'static str {
        match self {
            ApplicationState::MaterialMissing => "missing",
            // A report is `accepted` when it was verified: another word, so that lists say the right one.
            ApplicationState::Accepted => "taken",
            ApplicationState::Review => REVIEW,
            ApplicationState::Approved => APPROVED,
            ApplicationState::Refused => REFUSED,
            ApplicationState::Issued => ISSUED,
        }
    }

    /// Whether somebody still has to do something about it.
    pub fn is_open(self) -> bool {
        !matches!(self, ApplicationState::Refused | ApplicationState::Issued)
    }
}

/// What has to be there, and is not.
pub fn missing_materials(required: &[Material], given: &Materials) -> Vec<Material> {
    required.iter().copied().filter(|material| !given.has(*material)).collect()
}

/// What an application needs, under these rules.
pub fn materials_for(rules: &PermitRules, kind: PermitKind, ground: Option<Ground>) -> Vec<Material> {
    let mut needed = vec![Material::Identity, Material::Photo];
    if kind == PermitKind::Temporary {
        return needed;
    }
    if rules.after_temporary {
        needed.push(Material::Temporary);
    }
    if rules.all_grounds {
        // The county document: a fixed dwelling and a stable income, both.
        needed.extend([Material::Dwelling, Material::Work]);
        return needed;
    }
    needed.push(match ground {
        Some(Ground::Home) => Material::Dwelling,
        Some(Ground::Study) => Material::Study,
        Some(Ground::InvestTalent) => Material::Policy,
        Some(Ground::Job) | None => Material::Work,
    });
    needed
}

/// The group `who` of a permit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitWho {
    /// The holder.
    pub person: RecordId,
    /// Their registration when it was issued.
    pub residency: RecordId,
    /// The application it answers; none for a card from before this register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<RecordId>,
}

/// The group `issued` of a permit, written once by the station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issued {
    /// Which permit.
    pub kind: PermitKind,
    /// The day of issue, `YYYY-MM-DD`.
    pub on: String,
    /// The last day; empty where the permit is endorsed year by year.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_until: String,
    /// The day continuous residence was counted from, `YYYY-MM-DD`.
    pub continuity_start: String,
    /// The pack of the day of issue.
    pub pack: String,
    /// The number on a card from before this register; empty for cards numbered here.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub card_no: String,
}

/// The group `fact` of a permit_event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitFact {
    /// The permit.
    pub permit: RecordId,
    /// What happened.
    pub what: PermitEventKind,
    /// The day it was done, `YYYY-MM-DD`.
    pub on: String,
    /// For a change: since when it is so, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub since: String,
    /// For a change: by when it had to be reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EndReason>,
    /// For a renewal: the new last day, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_until: String,
    /// Free words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The earlier event this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdraws: Option<RecordId>,
}

impl PermitFact {
    /// One of a kind on a day, with nothing more to say.
    pub fn new(permit: RecordId, what: PermitEventKind, on: &str) -> PermitFact {
        PermitFact {
            permit,
            what,
            on: on.to_owned(),
            since: String::new(),
            due: None,
            reason: None,
            valid_until: String::new(),
            note: String::new(),
            withdraws: None,
        }
    }

    /// Whether it is the station's alone.
    pub fn is_stations(&self) -> bool {
        self.what.is_stations() || self.reason.is_some_and(EndReason::is_stations)
    }

    /// The field whose value breaks a rule of the form.
    pub fn problem(&self) -> Option<&'static str> {
        let date = |text: &str| parse_date(text).is_some();
        let optional = |text: &str| text.is_empty() || date(text);
        if !date(&self.on) {
            Some("on")
        } else if !optional(&self.since) || (self.what.is_change() && self.since.is_empty()) {
            Some("since")
        } else if self.what == PermitEventKind::Renew && !date(&self.valid_until) || !optional(&self.valid_until) {
            Some("valid_until")
        } else if (self.what == PermitEventKind::Cancel) != self.reason.is_some() {
            Some("reason")
        } else if (self.what == PermitEventKind::Withdraw) != self.withdraws.is_some() {
            Some("withdraws")
        } else if crate::text::check_text(&self.note, NOTE_MAX).is_err() {
            Some("note")
        } else {
            None
        }
    }
}

/// The application form, as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    /// Which permit.
    pub kind: PermitKind,
    /// On what ground.
    pub ground: Option<Ground>,
    /// For how many months, for a temporary permit.
    pub months: Option<u32>,
    /// What was given.
    pub given: Vec<Material>,
}

impl Default for ApplyForm {
    fn default() -> ApplyForm {
        ApplyForm { kind: PermitKind::Residence, ground: None, months: None, given: Vec::new() }
    }
}

impl ApplyForm {
    /// What is wrong with it. Missing materials are not: the resident is told, and brings them later.
    pub fn check(&self, rules: &PermitRules) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        match self.kind {
            PermitKind::Residence if self.ground.is_none() && !rules.all_grounds => {
                problems.push(FieldProblem::stop("ground", Problem::Required));
            }
            PermitKind::Residence => {}
            PermitKind::Temporary => match (self.months, rules.temporary_months) {
                (None, _) => problems.push(FieldProblem::stop("months", Problem::Required)),
                (Some(months), Some((least, most))) if (least..=most).contains(&months) => {}
                (Some(_), _) => problems.push(FieldProblem::stop("months", Problem::OutOfRange)),
            },
        }
        problems
    }
}

/// The form of an event, as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventForm {
    /// What happened.
    pub what: PermitEventKind,
    /// For a change: since when.
    pub since: String,
    /// Why it ended.
    pub reason: Option<EndReason>,
    /// Free words.
    pub note: String,
}

impl Default for EventForm {
    fn default() -> EventForm {
        EventForm { what: PermitEventKind::HandOut, since: String::new(), reason: None, note: String::new() }
    }
}

impl EventForm {
    /// What is wrong with it.
    pub fn check(&self, today: NaiveDate) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.what.is_change() {
            check_past_date("since", &self.since, today, &mut problems);
        }
        if self.what == PermitEventKind::Cancel && self.reason.is_none() {
            problems.push(FieldProblem::stop("reason", Problem::Required));
        }
        check_optional_text("note", &self.note, NOTE_MAX, &mut problems);
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::derived_id;

    #[test]
    fn the_station_goes_one_step_at_a_time() {
        let states = [REVIEW, APPROVED, REFUSED, ISSUED];
        let mut allowed = Vec::new();
        for from in [None, Some(REVIEW), Some(APPROVED), Some(REFUSED), Some(ISSUED)] {
            allowed.extend(states.into_iter().filter(|to| may_step(from, to)).map(|to| (from, to)));
        }
        assert_eq!(
            allowed,
            [(None, REVIEW), (Some(REVIEW), APPROVED), (Some(REVIEW), REFUSED), (Some(APPROVED), ISSUED)],
            "a refused or issued one is done with; asking again is a new application"
        );
    }

    #[test]
    fn an_event_says_what_its_kind_needs() {
        let permit = derived_id(&["a permit"]);
        let plain = |what| PermitFact::new(permit, what, "2026-11-23");
        let rows = [
            (plain(PermitEventKind::HandOut), None),
            (PermitFact { on: "yesterday".to_owned(), ..plain(PermitEventKind::HandOut) }, Some("on")),
            (plain(PermitEventKind::AddressChange), Some("since")),
            (PermitFact { since: "2026-11-20".to_owned(), ..plain(PermitEventKind::AddressChange) }, None),
            (plain(PermitEventKind::Renew), Some("valid_until")),
            (PermitFact { valid_until: "2027-11-20".to_owned(), ..plain(PermitEventKind::Renew) }, None),
            (plain(PermitEventKind::Cancel), Some("reason")),
            (PermitFact { reason: Some(EndReason::Death), ..plain(PermitEventKind::Cancel) }, None),
            (PermitFact { reason: Some(EndReason::Death), ..plain(PermitEventKind::Endorse) }, Some("reason")),
            (plain(PermitEventKind::Withdraw), Some("withdraws")),
            (PermitFact { note: "字".repeat(NOTE_MAX + 1), ..plain(PermitEventKind::HandOut) }, Some("note")),
        ];
        for (fact, expected) in rows {
            assert_eq!(fact.problem(), expected, "{fact:?}");
        }
    }
}
