//! Reports from both sides of the door: the landlord's, and the coordinator's verification.

use std::collections::BTreeMap;

use domain::access::Role;
use domain::codes::ReportKind;
use domain::form::{FieldProblem, Problem, may_save, parse_date};
use domain::id_document::{self, DocType};
use domain::person::ResidentForm;
use domain::policy::key;
use domain::record::to_fields;
use domain::referral::{ReferralState, ReferralWhere, ReferralWho};
use domain::report::{self, Check, Matched, Receipt, ReportDocument, ReportForm, Said};
use domain::{Record, RecordId, day, kind, residency, same, text};
use store::device::View;
use ui_protocol::people;
use ui_protocol::reports::{
    DueFor, DueReply, Leaving, ListReports, Referral, ReferralDone, ReferralHanded, ReferralView, Report, ReportPage, ReportRow,
    ReportState, ReportView, ReturnReport, SaveReport, SavedReport, Verified, VerifyReport, WithdrawReport,
};
use ui_protocol::today::DueView;
use ui_protocol::{ErrorCode, UiError};

use crate::error::Failure;
use crate::residents::{FromReport, Known};
use crate::save::Save;
use crate::{Device, derive};

/// Rows of one page.
const PAGE: u32 = 40;

impl Device {
    pub(crate) fn list_reports(&self, ask: &ListReports) -> Result<ReportPage, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let after = ask.after.as_deref().and_then(|after| after.split_once('\u{2}'));
            let lines = view.reports(ask.unit, ask.open_only, after, PAGE + 1)?;
            let more = lines.len() as u32 > PAGE;
            let mut rows = Vec::new();
            for line in lines.iter().take(PAGE as usize) {
                if let Some(report) = view.shown(line.id)? {
                    rows.extend(self.report_row(view, &report, identity.account.role)?);
                }
            }
            let last = lines.get((PAGE as usize).min(lines.len()).saturating_sub(1));
            Ok(ReportPage { rows, next: last.filter(|_| more).map(|line| format!("{}\u{2}{}", line.sort, line.id)) })
        })
    }

    fn report_row(&self, view: &View<'_>, report: &Record, role: Role) -> Result<Option<ReportRow>, Failure> {
        let Some(said) = report.typed::<Said>("said") else { return Ok(None) };
        let receipt: Option<Receipt> = report.typed("receipt");
        let check: Option<Check> = report.typed("check");
        let state = match check.as_ref().map(|check| check.state.as_str()) {
            Some("accepted") => ReportState::Accepted,
            Some("returned") => ReportState::Returned,
            Some("withdrawn") => ReportState::Withdrawn,
            _ if receipt.is_some() => ReportState::Received,
            _ => ReportState::Local,
        };
        let today = self.today(view)?;
        let law = self.law(view)?;
        let due = match (role, state) {
            // The reporter's clock runs until the server has it; then the receipt says whether it was in time.
            (_, ReportState::Local) => report::due_key(said.kind).and_then(|key| law.due(key, &said.event_on)),
            (Role::Coordinator, ReportState::Received) => {
                let received = receipt.as_ref().map_or(said.submitted_unix_ms, |receipt| receipt.received_unix_ms);
                law.due(key::VERIFY_REPORT, &day::day_of(received).to_string())
            }
            _ => None,
        };
        Ok(Some(ReportRow {
            id: report.id,
            kind: said.kind,
            name: said.name.clone(),
            home: self.said_home(view, &said)?,
            event_on: said.event_on.clone(),
            state,
            due: due.map(|due| law.left(&due, today)),
            receipt_no: receipt.map(|receipt| receipt.no).unwrap_or_default(),
        }))
    }

    fn said_home(&self, view: &View<'_>, said: &Said) -> Result<String, Failure> {
        let mut home = view.shown(said.unit)?.as_ref().map(derive::unit_title).unwrap_or_default();
        if let Some(room) = said.room
            && let Some(label) = view.shown(room)?.as_ref().and_then(|room| room.text("label", "label").map(str::to_owned))
        {
            home.push_str(" · ");
            home.push_str(&label);
        }
        Ok(home)
    }

    pub(crate) fn report(&self, ask: &Report) -> Result<ReportView, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let role = identity.account.role;
            let report = view.shown(ask.id)?.filter(|report| report.kind == kind::REPORT).ok_or(ErrorCode::NotFound)?;
            let said: Said = report.typed("said").ok_or(ErrorCode::NotFound)?;
            let row = self.report_row(view, &report, role)?.ok_or(ErrorCode::NotFound)?;
            let check: Option<Check> = report.typed("check");
            let doc_no = report.typed::<ReportDocument>("document").map(|document| document.doc_no).unwrap_or_default();
            let open = check.is_none();
            let verifier = role == Role::Coordinator && open;
            let (known, known_elsewhere) = match verifier {
                true => self.known_of_report(view, &report, &said, &doc_no)?,
                false => Default::default(),
            };
            let document = match role {
                Role::Coordinator if !doc_no.is_empty() => id_document::mask(&doc_no),
                _ if said.doc_tail.is_empty() => String::new(),
                _ => format!("**************{}", said.doc_tail),
            };
            Ok(ReportView {
                unit: said.unit,
                room: match said.room {
                    Some(room) => self.title_of(view, room)?,
                    None => String::new(),
                },
                doc_type: said.doc_type,
                document,
                phone: said.phone.clone(),
                submitted_unix_ms: said.submitted_unix_ms,
                receipt: report.typed("receipt"),
                reason: check.as_ref().map(|check| check.reason.clone()).unwrap_or_default(),
                decided_on: check.map(|check| check.on).unwrap_or_default(),
                resident: match said.kind {
                    ReportKind::MoveIn if verifier => Some(self.form_from(view, &said, &doc_no)?),
                    _ => None,
                },
                leaving: match said.kind {
                    ReportKind::MoveOut if verifier => self.leaving(view, &said)?,
                    _ => Vec::new(),
                },
                can_withdraw: role == Role::Landlord && open,
                known,
                known_elsewhere,
                row,
            })
        })
    }

    /// Who has the reported number already: on this device, and as the server found them, which knows the other villages too.
    fn known_of_report(
        &self,
        view: &View<'_>,
        report: &Record,
        said: &Said,
        doc_no: &str,
    ) -> Result<(Vec<people::Known>, String), Failure> {
        let today = self.today(view)?;
        let doc_type = said.doc_type.unwrap_or(DocType::Id);
        let number = id_document::check(doc_type, doc_no, today).map(|facts| facts.doc_no).unwrap_or_default();
        let mut known = self.known(view, doc_type, &number)?;
        let Some(matched) = report.typed::<Matched>("match") else { return Ok((known, String::new())) };
        let Some(person) = matched.person else {
            return Ok((known, self.area_name(view, &matched.area)?.name));
        };
        let person = same::root(person, view)?;
        if known.iter().all(|known| known.person != person) {
            known.extend(self.known_person(view, person)?);
        }
        Ok((known, String::new()))
    }

    /// The registration form, as far as a report fills it; the rest is asked at the door.
    fn form_from(&self, view: &View<'_>, said: &Said, doc_no: &str) -> Result<ResidentForm, Failure> {
        let today = self.today(view)?;
        let doc_type = said.doc_type.unwrap_or(DocType::Id);
        let facts = id_document::check(doc_type, doc_no, today).ok();
        Ok(ResidentForm {
            unit: Some(said.unit),
            room: said.room,
            doc_type,
            doc_no: doc_no.to_owned(),
            name: said.name.clone(),
            birth: facts.as_ref().and_then(|facts| facts.birth).map(|birth| birth.to_string()).unwrap_or_default(),
            sex: facts.as_ref().and_then(|facts| facts.sex),
            hukou_region: facts
                .and_then(|facts| facts.region)
                .filter(|code| domain::region::check_hukou(code).is_ok())
                .unwrap_or_default(),
            phone: said.phone.clone(),
            arrival_on: said.event_on.clone(),
            declared_on: today.to_string(),
            ..ResidentForm::default()
        })
    }

    fn leaving(&self, view: &View<'_>, said: &Said) -> Result<Vec<Leaving>, Failure> {
        let mut leaving = Vec::new();
        for stay in crate::homes::naming(view, said.unit, kind::STAY)?.into_iter().filter(residency::is_open) {
            let (Some(person), Some(residency)) = (stay.reference("where", "person"), stay.reference("where", "residency"))
            else {
                continue;
            };
            let (person, residency) = (same::root(person, view)?, same::root(residency, view)?);
            if leaving.iter().any(|known: &Leaving| known.residency == residency) {
                continue;
            }
            let Some(record) = view.shown(person)? else { continue };
            let name = record.text("identity", "name").unwrap_or_default().to_owned();
            let tail = id_document::tail(record.text("identity", "doc_no").unwrap_or_default());
            let likely = name == said.name && (said.doc_tail.is_empty() || tail == said.doc_tail);
            leaving.push(Leaving { residency, person, name, likely });
        }
        leaving.sort_by_key(|row| !row.likely);
        Ok(leaving)
    }

    pub(crate) fn save_report(&self, ask: &SaveReport) -> Result<SavedReport, Failure> {
        self.save(|save| {
            let form = &ask.form;
            let mut form = ReportForm { name: form.name.clone(), ..form.clone() };
            let mut doc_tail = String::new();
            if let Some(about) = form.about {
                // Picked from an earlier report: what it said is known, nobody types it a second time.
                let earlier: Said = save.record_of(about, kind::REPORT)?.typed("said").ok_or(ErrorCode::NotFound)?;
                form.unit = Some(earlier.unit);
                form.room = form.room.or(earlier.room);
                form.name = earlier.name;
                form.doc_type = earlier.doc_type.unwrap_or(DocType::Id);
                doc_tail = earlier.doc_tail;
            }
            let mut problems = form.check(save.today);
            let unit = form.unit.filter(|_| may_save(&problems));
            let Some(unit) = unit else { return Err(UiError::form(problems).into()) };
            if save.writing.shown(unit)?.is_none_or(|record| record.kind != kind::UNIT) {
                problems.push(FieldProblem::stop("unit", Problem::Required));
                return Err(UiError::form(problems).into());
            }
            let no_change = form.kind == ReportKind::NoChange;
            let facts = id_document::check(form.doc_type, &form.doc_no, save.today).ok().filter(|_| form.about.is_none());
            if let Some(facts) = &facts {
                doc_tail = id_document::tail(&facts.doc_no);
            }
            let said = Said {
                kind: form.kind,
                unit,
                room: form.room,
                name: if no_change { String::new() } else { text::check_name(&form.name).unwrap_or_default() },
                doc_type: (!no_change).then_some(form.doc_type),
                doc_tail,
                phone: text::check_phone(&form.phone).unwrap_or_default(),
                event_on: form.event_on.clone(),
                submitted_unix_ms: save.now,
                about: form.about,
            };
            let mut groups = BTreeMap::from([("said".to_owned(), to_fields(&said))]);
            if let Some(facts) = facts.filter(|_| !no_change) {
                groups.insert("document".to_owned(), to_fields(&ReportDocument { doc_no: facts.doc_no }));
            }
            let id = save.create(kind::REPORT, groups)?;
            if let Some(draft) = &ask.draft {
                save.writing.drop_draft(draft)?;
            }
            let law = self.law(save.writing)?;
            let due =
                report::due_key(said.kind).and_then(|key| law.due(key, &said.event_on)).map(|due| law.left(&due, save.today));
            Ok(SavedReport { id, due, warnings: problems, waiting_to_sync: true })
        })
    }

    pub(crate) fn withdraw_report(&self, ask: &WithdrawReport) -> Result<SavedReport, Failure> {
        self.save(|save| {
            undecided(save, ask.id)?;
            decide(save, ask.id, "withdrawn", String::new(), None)?;
            Ok(SavedReport { id: ask.id, due: None, warnings: Vec::new(), waiting_to_sync: true })
        })
    }

    pub(crate) fn return_report(&self, ask: &ReturnReport) -> Result<SavedReport, Failure> {
        self.save(|save| {
            undecided(save, ask.id)?;
            match text::require_text(&ask.reason, 200) {
                Ok(reason) => decide(save, ask.id, "returned", reason, None)?,
                Err(problem) => {
                    return Err(UiError::form(vec![FieldProblem::stop("reason", Problem::Text(problem))]).into());
                }
            }
            Ok(SavedReport { id: ask.id, due: None, warnings: Vec::new(), waiting_to_sync: true })
        })
    }

    pub(crate) fn verify_report(&self, ask: &VerifyReport) -> Result<Verified, Failure> {
        self.save(|save| {
            let report = undecided(save, ask.id)?;
            let said: Said = report.typed("said").ok_or(ErrorCode::NotFound)?;
            let receipt: Option<Receipt> = report.typed("receipt");
            let mut resident = None;
            let mut residency = None;
            match (said.kind, &ask.resident, ask.leaving, &ask.cancel) {
                (ReportKind::MoveIn, Some(form), _, _) => {
                    let reported = receipt.map_or(said.submitted_unix_ms, |receipt| receipt.received_unix_ms);
                    let from = FromReport { reported_on: day::day_of(reported).to_string() };
                    let known = Known { although: ask.although_known, returning: ask.returning };
                    let saved = self.register(save, form, known, Some(from))?;
                    residency = saved.residency;
                    resident = Some(saved);
                }
                (ReportKind::MoveOut, _, Some(leaving), Some(cancel)) => {
                    let leaving = same::root(leaving, &**save.writing)?;
                    let record = save.record_of(leaving, kind::RESIDENCY)?;
                    if !residency::is_active(&record) {
                        return Err(ErrorCode::Stale.into());
                    }
                    let problems = cancel.check(save.today);
                    if !may_save(&problems) {
                        return Err(UiError::form(problems).into());
                    }
                    self.cancel(save, &record, cancel)?;
                    residency = Some(leaving);
                }
                (ReportKind::Change | ReportKind::NoChange, _, _, _) => {}
                _ => return Err(UiError::form(vec![FieldProblem::stop("leaving", Problem::Required)]).into()),
            }
            decide(save, ask.id, "accepted", String::new(), residency)?;
            Ok(Verified { id: ask.id, resident })
        })
    }

    pub(crate) fn due_for(&self, ask: &DueFor) -> Result<DueReply, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let law = self.law(view)?;
            let today = self.today(view)?;
            let due: Option<DueView> =
                report::due_key(ask.kind).and_then(|key| law.due(key, &ask.event_on)).map(|due| law.left(&due, today));
            Ok(DueReply { due: due.filter(|_| parse_date(&ask.event_on).is_some()) })
        })
    }

    pub(crate) fn referral(&self, ask: &Referral) -> Result<ReferralView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let record = view.shown(ask.id)?.filter(|record| record.kind == kind::REFERRAL).ok_or(ErrorCode::NotFound)?;
            let who: ReferralWho = record.typed("who").ok_or(ErrorCode::NotFound)?;
            let place: ReferralWhere = record.typed("where").ok_or(ErrorCode::NotFound)?;
            let home = view.shown(place.unit)?;
            let room = place.room.map_or(Ok(None), |room| view.shown(room))?;
            Ok(ReferralView {
                id: record.id,
                document: id_document::mask(&who.doc_no),
                name: who.name,
                doc_type: who.doc_type,
                phone: who.phone,
                unit: home.as_ref().map(|home| home.id),
                home: home.as_ref().map(derive::unit_title).unwrap_or_default(),
                room: room.and_then(|room| room.text("label", "label").map(str::to_owned)).unwrap_or_default(),
                arrival_on: place.arrival_on,
                open: record.text("state", "state") == Some("open"),
                due: self.referral_due(view, record.id)?,
                can_undo: self.may_undo(view, &record)?,
                waiting: view.is_waiting(record.id)?,
            })
        })
    }

    pub(crate) fn referral_handed(&self, ask: &ReferralHanded) -> Result<ReferralDone, Failure> {
        self.save(|save| {
            save.record_of(ask.id, kind::REFERRAL)?;
            let state = ReferralState { state: "handed".to_owned(), on: save.today.to_string() };
            save.set(ask.id, BTreeMap::from([("state".to_owned(), to_fields(&state))]))?;
            Ok(ReferralDone {})
        })
    }
}

/// A report nobody has decided about.
fn undecided(save: &Save<'_, '_>, id: RecordId) -> Result<Record, Failure> {
    let report = save.record_of(id, kind::REPORT)?;
    if report.fields("check").is_some() { Err(ErrorCode::Stale.into()) } else { Ok(report) }
}

fn decide(
    save: &mut Save<'_, '_>,
    id: RecordId,
    state: &str,
    reason: String,
    residency: Option<RecordId>,
) -> Result<(), Failure> {
    let check = Check { state: state.to_owned(), on: save.today.to_string(), reason, residency };
    save.set(id, BTreeMap::from([("check".to_owned(), to_fields(&check))]))?;
    Ok(())
}
