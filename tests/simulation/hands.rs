//! What people do on their phones: every kind of edit, through the commands the screens use. A refusal is an answer too.

use std::collections::BTreeSet;

use domain::access::Role;
use domain::codes;
use domain::person::ResidentForm;
use domain::report::ReportForm;
use domain::residency::{CancelForm, MoveForm};
use domain::unit::UnitForm;
use domain::{RecordId, id_document};
use ui_protocol::attention::{Attention, Choice, Discard, Resend, SettleConflict};
use ui_protocol::people::{
    CancelResidency, ChangeResident, HandOver, ListPeople, MoveResident, Person, RevealDocument, SaveResident, UndoMistake,
};
use ui_protocol::reports::{ListReports, Report, ReturnReport, SaveReport, VerifyReport, WithdrawReport};
use ui_protocol::session::Status;
use ui_protocol::units::{ListUnits, MergeHomes, PartHomes, SaveUnit, SetUnitState, Unit};
use ui_protocol::{ErrorCode, UiError};

use crate::county::{DONG, LANDLORDS, XI};
use crate::law::{Law, broken};
use crate::phone::Phone;
use crate::sim::Sim;

/// One edit of some kind on this phone.
pub fn edit(sim: &Sim, phone: &Phone) -> String {
    let answer =
        sim.noted(phone, || if phone.owner.role == Role::Landlord { landlord(sim, phone) } else { coordinator(sim, phone) });
    match answer {
        Ok(done) => done.to_owned(),
        Err(error) => {
            // Without a fault there is no reason for these.
            if matches!(error.code, ErrorCode::Internal | ErrorCode::Malformed) && !sim.faulty.get() && !phone.full.get() {
                broken(Law::Soundness, format!("phone {} answers {error:?}", phone.index));
            }
            format!("is told {:?}", error.code)
        }
    }
}

fn today(phone: &Phone) -> Result<String, UiError> {
    Ok(phone.ask(Status {})?.today)
}

fn people(sim: &Sim, phone: &Phone) -> Result<Option<RecordId>, UiError> {
    let rows = phone.ask(ListPeople::default())?.rows;
    Ok(sim.chance.one_of(&rows).map(|row| row.id))
}

fn homes(sim: &Sim, phone: &Phone) -> Result<Option<RecordId>, UiError> {
    let rows = phone.ask(ListUnits::default())?.rows;
    Ok(sim.chance.one_of(&rows).map(|row| row.id))
}

fn residency(phone: &Phone, person: RecordId) -> Result<Option<RecordId>, UiError> {
    Ok(phone.ask(Person { id: person })?.residencies.first().map(|residency| residency.id))
}

fn a_phone(sim: &Sim) -> String {
    format!("139{:08}", sim.token() % 100_000_000)
}

/// A new valid document number.
fn document(sim: &Sim) -> String {
    let count = sim.token();
    let first17 =
        format!("360121{}{:02}{:02}{:03}", 1960 + count % 45, 1 + count / 45 % 12, 1 + count / 540 % 28, 1 + count / 15120 % 999);
    let check = id_document::check_digit(&first17).expect("seventeen digits");
    format!("{first17}{check}")
}

/// Registers a home.
pub fn home(sim: &Sim, phone: &Phone, area: &str) -> Result<RecordId, UiError> {
    let form = UnitForm {
        address: domain::address::Address {
            area: area.to_owned(),
            road: "文峰路".to_owned(),
            plate_no: format!("{}号", sim.token()),
            ..Default::default()
        },
        landlord_name: "陈国平".to_owned(),
        landlord_phone: LANDLORDS[sim.chance.below(2)].to_owned(),
        rooms: if sim.chance.once_in(2) { "1-2" } else { "" }.to_owned(),
        ..UnitForm::default()
    };
    Ok(phone.ask(SaveUnit { id: None, form, draft: None })?.id)
}

fn resident(sim: &Sim, unit: RecordId, today: &str, doc_no: String) -> ResidentForm {
    let facts =
        id_document::check(id_document::DocType::Id, &doc_no, domain::day::day_of(sim.hour.now())).expect("a valid number");
    ResidentForm {
        unit: Some(unit),
        doc_no,
        name: ["张伟", "李晓梅", "欧阳娜娜", "占小平"][sim.chance.below(4)].to_owned(),
        birth: facts.birth.map(|birth| birth.to_string()).unwrap_or_default(),
        sex: facts.sex,
        hukou_region: "360121".to_owned(),
        hukou_address: format!("新建路 {} 号", sim.token()),
        phone: a_phone(sim),
        arrival_on: today.to_owned(),
        declared_on: today.to_owned(),
        reason: codes::Reason::from_code("204"),
        intended: codes::IntendedStay::from_code("4"),
        relation: codes::Relation::from_code("LESSEE"),
        lessee: true,
        ..ResidentForm::default()
    }
}

/// Registers somebody in a home.
pub fn register(sim: &Sim, phone: &Phone, unit: RecordId) -> Result<Option<RecordId>, UiError> {
    // Now and then a number that somebody else typed too: the same person on two phones.
    let doc_no = if sim.plan.same_person && sim.chance.once_in(6) {
        let known = sim.documents.borrow();
        sim.chance.one_of(&known).cloned()
    } else {
        None
    };
    let doc_no = doc_no.unwrap_or_else(|| document(sim));
    sim.documents.borrow_mut().push(doc_no.clone());
    let form = resident(sim, unit, &today(phone)?, doc_no);
    Ok(phone.ask(SaveResident { form, although_known: false, returning: None, draft: None })?.person)
}

fn coordinator(sim: &Sim, phone: &Phone) -> Result<&'static str, UiError> {
    let chance = &sim.chance;
    let some_person = || people(sim, phone);
    match chance.below(32) {
        0 => home(sim, phone, phone.owner.area).map(|_| "registers a home"),
        1..=4 => match homes(sim, phone)? {
            Some(unit) => register(sim, phone, unit).map(|_| "registers somebody"),
            None => home(sim, phone, phone.owner.area).map(|_| "registers a first home"),
        },
        5..=11 => {
            let Some(person) = some_person()? else { return Ok("knows nobody") };
            let mut form = phone.ask(Person { id: person })?.form;
            if chance.below(4) > 0 {
                form.phone = a_phone(sim);
            }
            if chance.once_in(2) {
                form.hukou_address = format!("新建路 {} 号", sim.token());
            }
            if chance.once_in(4) {
                form.employer = format!("第 {} 厂", sim.token());
            }
            if chance.once_in(8) {
                form.lessee = !form.lessee;
            }
            phone.ask(ChangeResident { person, form, draft: None }).map(|_| "changes somebody")
        }
        12 | 13 => {
            let Some(residency) = some_person()?.map(|person| residency(phone, person)).transpose()?.flatten() else {
                return Ok("moves nobody");
            };
            let Some(unit) = homes(sim, phone)? else { return Ok("knows no home") };
            let relation = codes::Relation::from_code("FRIEND");
            let form = MoveForm { unit: Some(unit), on: today(phone)?, relation, ..MoveForm::default() };
            phone.ask(MoveResident { residency, form }).map(|_| "moves somebody")
        }
        14 | 15 => {
            let Some(residency) = some_person()?.map(|person| residency(phone, person)).transpose()?.flatten() else {
                return Ok("hands nobody over");
            };
            let area = if phone.owner.area == DONG { XI } else { DONG };
            let area = if chance.once_in(4) { phone.owner.area } else { area };
            let ask = HandOver { residency, area: area.to_owned(), on: today(phone)?, note: format!("第 {} 次", sim.token()) };
            phone.ask(ask).map(|_| "hands somebody over")
        }
        16 | 17 => {
            let Some(residency) = some_person()?.map(|person| residency(phone, person)).transpose()?.flatten() else {
                return Ok("cancels nobody");
            };
            let reason = codes::CancelReason::from_code("LEFT");
            let form = CancelForm { reason, left_on: today(phone)?, note: format!("房间 {} 已空", sim.token()) };
            phone.ask(CancelResidency { residency, form }).map(|_| "cancels somebody")
        }
        18 => {
            // Somebody who was cancelled is back.
            let Some(person) = some_person()? else { return Ok("knows nobody") };
            let Some(unit) = homes(sim, phone)? else { return Ok("knows no home") };
            let view = phone.ask(Person { id: person })?;
            let doc_no = phone.ask(RevealDocument { person })?.doc_no;
            let day = today(phone)?;
            let form = ResidentForm {
                unit: Some(unit),
                room: None,
                doc_no,
                arrival_on: day.clone(),
                declared_on: day,
                phone: a_phone(sim),
                reason: codes::Reason::from_code("204"),
                intended: codes::IntendedStay::from_code("4"),
                relation: codes::Relation::from_code("LESSEE"),
                ..view.form
            };
            // Looking at the number was a save of its own, which stays.
            let ask = SaveResident { form, although_known: false, returning: Some(person), draft: None };
            Ok(if phone.ask(ask).is_ok() { "takes somebody back" } else { "only looks at a number" })
        }
        19 | 20 => {
            let record = if chance.once_in(3) { homes(sim, phone)? } else { some_person()? };
            let Some(record) = record else { return Ok("takes nothing back") };
            phone.ask(UndoMistake { record }).map(|_| "takes something back")
        }
        21 | 22 => {
            let Some(id) = homes(sim, phone)? else { return Ok("knows no home") };
            let mut form = phone.ask(Unit { id })?.form;
            match chance.below(3) {
                0 => form.landlord_phone = LANDLORDS[chance.below(2)].to_owned(),
                1 => form.landlord_name = ["陈国平", "林小红"][chance.below(2)].to_owned(),
                _ => form.beds = (1 + sim.token() % 50).to_string(),
            }
            phone.ask(SaveUnit { id: Some(id), form, draft: None }).map(|_| "changes a home")
        }
        23 if chance.once_in(2) => {
            let (Some(unit), Some(into)) = (homes(sim, phone)?, homes(sim, phone)?) else { return Ok("knows no home") };
            match phone.ask(Unit { id: unit })?.merged.first() {
                Some(merged) => phone.ask(PartHomes { unit: merged.unit }).map(|_| "takes two homes apart"),
                None => phone.ask(MergeHomes { unit, into }).map(|_| "merges two homes"),
            }
        }
        23 => {
            let Some(id) = homes(sim, phone)? else { return Ok("knows no home") };
            let states = codes::UnitStatus::OFFERED;
            let state = *chance.one_of(states).expect("there are states");
            let reason = codes::UnitCloseReason::from_code("9");
            phone.ask(SetUnitState { id, state, reason }).map(|_| "closes or opens a home")
        }
        24..=26 => verify(sim, phone),
        27 => {
            let Some(person) = some_person()? else { return Ok("knows nobody") };
            phone.ask(RevealDocument { person }).map(|_| "looks at a number")
        }
        _ => attend(sim, phone),
    }
}

fn verify(sim: &Sim, phone: &Phone) -> Result<&'static str, UiError> {
    let rows = phone.ask(ListReports { open_only: true, ..Default::default() })?.rows;
    let Some(id) = sim.chance.one_of(&rows).map(|row| row.id) else { return Ok("has nothing to verify") };
    if sim.chance.once_in(3) {
        return phone.ask(ReturnReport { id, reason: format!("理由 {}", sim.token()) }).map(|_| "returns a report");
    }
    let view = phone.ask(Report { id })?;
    let Some(form) = view.resident else { return Ok("cannot verify") };
    let day = today(phone)?;
    let facts = id_document::check(id_document::DocType::Id, &form.doc_no, domain::day::day_of(sim.hour.now())).ok();
    let form = ResidentForm {
        birth: facts.as_ref().and_then(|facts| facts.birth).map(|birth| birth.to_string()).unwrap_or_default(),
        sex: facts.and_then(|facts| facts.sex),
        hukou_region: "360121".to_owned(),
        phone: a_phone(sim),
        declared_on: day,
        reason: codes::Reason::from_code("204"),
        intended: codes::IntendedStay::from_code("4"),
        relation: codes::Relation::from_code("LESSEE"),
        ..form
    };
    let ask = VerifyReport { id, resident: Some(form), leaving: None, cancel: None, although_known: true, returning: None };
    phone.ask(ask).map(|_| "verifies a report")
}

/// An edit whose meeting with others is decided by the clocks alone: new values, each record once.
pub fn plain_edit(sim: &Sim, phone: &Phone, changed: &mut BTreeSet<RecordId>) {
    let edited = sim.noted(phone, || {
        if phone.owner.role == Role::Landlord {
            return landlord(sim, phone);
        }
        if sim.chance.once_in(3) {
            let Some(id) = homes(sim, phone)?.filter(|id| changed.insert(*id)) else { return Ok("knows no home") };
            let mut form = phone.ask(Unit { id })?.form;
            form.beds = (1 + sim.token() % 50).to_string();
            form.landlord_name = ["陈国平", "林小红"][sim.chance.below(2)].to_owned();
            return phone.ask(SaveUnit { id: Some(id), form, draft: None }).map(|_| "changes a home");
        }
        let Some(person) = people(sim, phone)?.filter(|id| changed.insert(*id)) else { return Ok("knows nobody") };
        let mut form = phone.ask(Person { id: person })?.form;
        form.phone = a_phone(sim);
        form.hukou_address = format!("新建路 {} 号", sim.token());
        form.employer = format!("第 {} 厂", sim.token());
        phone.ask(ChangeResident { person, form, draft: None }).map(|_| "changes somebody")
    });
    sim.say(|| format!("phone {} {:?}", phone.index, edited.map_err(|error| error.code)));
}

/// Conflicts and the tray.
fn attend(sim: &Sim, phone: &Phone) -> Result<&'static str, UiError> {
    let attention = phone.ask(Attention {})?;
    if let Some(refused) = sim.chance.one_of(&attention.refused)
        && sim.chance.once_in(2)
    {
        let txn = refused.txn;
        let answer = if sim.chance.below(3) > 0 {
            phone.ask(Resend { txn }).map(|_| "sends something again")
        } else {
            phone.ask(Discard { txn }).map(|_| "gives something up")
        };
        if answer.is_ok() {
            sim.book.borrow_mut().give_up(txn);
        }
        return answer;
    }
    let Some(conflict) = sim.chance.one_of(&attention.conflicts) else { return Ok("has nothing to settle") };
    let choice = if conflict.can_restore && sim.chance.once_in(2) { Choice::Restore } else { Choice::Keep };
    phone.ask(SettleConflict { id: conflict.id, choice }).map(|_| "settles a conflict")
}

fn landlord(sim: &Sim, phone: &Phone) -> Result<&'static str, UiError> {
    match sim.chance.below(8) {
        0 => {
            let rows = phone.ask(ListReports { open_only: true, ..Default::default() })?.rows;
            let Some(id) = sim.chance.one_of(&rows).map(|row| row.id) else { return Ok("has nothing to take back") };
            phone.ask(WithdrawReport { id }).map(|_| "takes a report back")
        }
        1 => attend(sim, phone),
        _ => {
            let Some(unit) = homes(sim, phone)? else { return Ok("owns no home") };
            let form = ReportForm {
                unit: Some(unit),
                name: "刘洋".to_owned(),
                doc_no: document(sim),
                phone: a_phone(sim),
                event_on: today(phone)?,
                ..ReportForm::default()
            };
            phone.ask(SaveReport { form, draft: None }).map(|_| "reports somebody")
        }
    }
}
