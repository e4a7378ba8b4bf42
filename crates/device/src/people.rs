//! People: lists, search, one person, what a document says.

use domain::codes::{PlaceKind, Sex};
use domain::form::{self, Problem};
use domain::id_document::{self, DocType};
use domain::person::{Contact, Guardian, Hukou, Identity, ResidentForm, age_years};
use domain::policy::Due;
use domain::record::to_fields;
use domain::referral::ReferralWho;
use domain::residency::{self, Declared, Handed, Intent, Status, StayRelation, Why, Work};
use domain::{Record, RecordId, kind, region, text};
use store::device::{PersonLine, View};
use ui_protocol::ErrorCode;
use ui_protocol::people::{
    CheckDocument, DocumentCheck, Known, ListPeople, Person, PersonPage, PersonRow, PersonView, ResidencyView, RevealDocument,
    RevealedDocument, Standing, StayView,
};
use ui_protocol::permits::WhoMayApply;

use crate::error::Failure;
use crate::hands::Hands;
use crate::{Device, derive, homes, permits, presence, same};

/// Rows of one page.
const PAGE: u32 = 40;

pub(crate) fn standing(code: &str) -> Standing {
    match code {
        "active" => Standing::Active,
        "to_place" => Standing::ToPlace,
        "cancelled" => Standing::Cancelled,
        _ => Standing::None,
    }
}

impl Device {
    pub(crate) fn list_people(&self, ask: &ListPeople) -> Result<PersonPage, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let query = text::clean(&ask.query).to_lowercase();
            let (lines, next, total) = if query.is_empty() {
                let after = ask.after.as_deref().and_then(|after| after.split_once('\u{2}'));
                let lines = view.people(after, PAGE + 1)?;
                let more = lines.len() as u32 > PAGE;
                let lines: Vec<PersonLine> = lines.into_iter().take(PAGE as usize).collect();
                let next = lines.last().filter(|_| more).map(|line| format!("{}\u{2}{}", line.sort, line.id));
                (lines, next, Some(view.list_totals()?.1))
            } else {
                (search(view, &query)?, None, None)
            };
            Ok(PersonPage { rows: person_rows(view, lines)?, next, total })
        })
    }

    /// Who may ask for a permit now, in the order of the list of people. Counted and told by one walk, so that both agree.
    pub(crate) fn who_may_apply(&self, ask: &WhoMayApply) -> Result<PersonPage, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let may = permits::who_may_apply(self, view)?;
            let mut lines = view.people(None, u32::MAX)?;
            lines.retain(|line| may.contains(&line.id));
            let total = Some(lines.len() as u64);
            if let Some((sort, id)) = ask.after.as_deref().and_then(|after| after.split_once('\u{2}')) {
                lines.retain(|line| (line.sort.as_str(), line.id.to_string().as_str()) > (sort, id));
            }
            let more = lines.len() > PAGE as usize;
            lines.truncate(PAGE as usize);
            let next = lines.last().filter(|_| more).map(|line| format!("{}\u{2}{}", line.sort, line.id));
            Ok(PersonPage { rows: person_rows(view, lines)?, next, total })
        })
    }

    pub(crate) fn person(&self, ask: &Person) -> Result<PersonView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let person = same::meant(view, ask.id)?.filter(|person| person.kind == kind::PERSON).ok_or(ErrorCode::NotFound)?;
            let today = self.today(view)?;
            let identity: Option<Identity> = person.typed("identity");
            let birth = identity.as_ref().map(|identity| identity.birth.clone()).unwrap_or_default();
            let hukou: Hukou = person.typed("hukou").unwrap_or_default();
            let guardian: Guardian = person.typed("guardian").unwrap_or_default();
            let names = domain::same::family(person.id, kind::PERSON, view)?;
            let mut residencies = domain::same::registrations(person.id, view)?;
            residencies.sort_by_key(|residency| std::cmp::Reverse((residency::is_active(residency), residency.id)));
            let stays = same::naming(view, person.id, kind::PERSON, kind::STAY)?;
            let mut ids = names;
            ids.extend(same::naming(view, person.id, kind::PERSON, kind::RESIDENCY)?.iter().map(|residency| residency.id));
            ids.extend(stays.iter().map(|stay| stay.id));
            let mut waiting = false;
            for id in &ids {
                waiting |= view.is_waiting(*id)?;
            }
            Ok(PersonView {
                id: person.id,
                name: identity.as_ref().map(|identity| identity.name.clone()).unwrap_or_default(),
                sex: identity.as_ref().map(|identity| identity.sex),
                age: form::parse_date(&birth).map(|birth| age_years(birth, today)),
                birth,
                doc_type: identity.as_ref().map_or(DocType::None, |identity| identity.doc_type),
                document: identity.as_ref().map(|identity| id_document::mask(&identity.doc_no)).unwrap_or_default(),
                hukou: hukou_words(&hukou),
                phone: person.typed::<Contact>("contact").unwrap_or_default().phone,
                guardian: [guardian.name, guardian.phone].join(" ").trim().to_owned(),
                form: self.resident_form(view, &person)?,
                residencies: residencies
                    .iter()
                    .map(|residency| self.residency_view(view, residency, &stays))
                    .collect::<Result<_, _>>()?,
                can_undo: self.may_undo(view, &person)?,
                waiting,
                other_names: self.other_names(view, person.id)?,
            })
        })
    }

    fn residency_view(&self, view: &View<'_>, residency: &Record, stays: &[Record]) -> Result<ResidencyView, Failure> {
        let today = self.today(view)?;
        let law = self.law(view)?;
        let declared: Option<Declared> = residency.typed("declared");
        let status: Option<Status> = residency.typed("status");
        let handed: Option<Handed> = residency.typed("handed");
        let due: Option<Due> = residency.typed("due");
        let active = residency::is_active(residency);
        let parts = domain::same::family(residency.id, kind::RESIDENCY, view)?;
        let mut own: Vec<&Record> = stays
            .iter()
            .filter(|stay| stay.reference("where", "residency").is_some_and(|residency| parts.contains(&residency)))
            .collect();
        own.sort_by_key(|stay| std::cmp::Reverse((residency::is_open(stay), stay.text("period", "from").map(str::to_owned))));
        let placed = own.first().is_some_and(|stay| residency::is_open(stay));
        let registered_on = declared.as_ref().map(|declared| declared.registered_on.clone()).unwrap_or_default();
        let cancelled = status.filter(|_| !active);
        Ok(ResidencyView {
            id: residency.id,
            number: residency.text("number", "no").unwrap_or_default().to_owned(),
            standing: match (active, placed) {
                (true, true) => Standing::Active,
                (true, false) => Standing::ToPlace,
                (false, _) => Standing::Cancelled,
            },
            registered_on,
            reported_on: declared.as_ref().map(|declared| declared.reported_on.clone()).unwrap_or_default(),
            notice: declared.map(|declared| declared.notice).unwrap_or_default(),
            presence: presence::of(view, residency.id, &law, today)?,
            seen: presence::seen(view, residency.id, &Hands::known(view, &self.require(view)?)?)?,
            due: due.as_ref().map(|due| law.left(due, today)),
            due_rule: due.map(|due| format!("{} {}", due.pack, due.rule)).unwrap_or_default(),
            intended_until: residency.typed::<Intent>("intent").map(|intent| intent.until).unwrap_or_default(),
            cancel_reason: cancelled.as_ref().and_then(|status| status.reason),
            left_on: cancelled.as_ref().map(|status| status.on.clone()).unwrap_or_default(),
            cancel_note: cancelled.map(|status| status.note).unwrap_or_default(),
            handed_to: match handed.filter(|_| active && !placed) {
                Some(handed) => self.area_name(view, &handed.area)?.name,
                None => String::new(),
            },
            stays: own.iter().map(|stay| stay_view(view, stay)).collect::<Result<_, _>>()?,
        })
    }

    /// A person's values, with the standing registration's, as a form; the document number stays masked in it.
    pub(crate) fn resident_form(&self, view: &View<'_>, person: &Record) -> Result<ResidentForm, Failure> {
        let mut form = ResidentForm::default();
        if let Some(identity) = person.typed::<Identity>("identity") {
            form.doc_type = identity.doc_type;
            form.doc_no = id_document::mask(&identity.doc_no);
            form.name = identity.name;
            form.birth = identity.birth;
            form.sex = Some(identity.sex);
            form.identity_note = identity.note;
        }
        let hukou: Hukou = person.typed("hukou").unwrap_or_default();
        form.hukou_region = hukou.region;
        form.hukou_address = hukou.address;
        let contact: Contact = person.typed("contact").unwrap_or_default();
        form.phone = contact.phone;
        form.phone_none = contact.none_reason;
        let guardian: Guardian = person.typed("guardian").unwrap_or_default();
        form.guardian_name = guardian.name;
        form.guardian_phone = guardian.phone;
        let residencies = domain::same::registrations(person.id, view)?;
        if let Some(residency) = residencies.iter().find(|residency| residency::is_active(residency)) {
            if let Some(declared) = residency.typed::<Declared>("declared") {
                form.declared_on = declared.registered_on;
            }
            if let Some(why) = residency.typed::<Why>("why") {
                form.reason = Some(why.reason);
                form.place_kind = why.place_kind;
            } else {
                form.place_kind = PlaceKind::Rented;
            }
            form.intended = residency.typed::<Intent>("intent").map(|intent| intent.code);
            form.employer = residency.typed::<Work>("work").unwrap_or_default().employer;
        }
        let stays = same::naming(view, person.id, kind::PERSON, kind::STAY)?;
        if let Some(stay) = stays.iter().find(|stay| residency::is_open(stay)) {
            form.unit = stay.reference("where", "unit").map(|unit| homes::root(view, unit)).transpose()?;
            form.room = stay.reference("where", "room");
            form.arrival_on = stay.text("period", "from").unwrap_or_default().to_owned();
            if let Some(relation) = stay.typed::<StayRelation>("relation") {
                form.relation = Some(relation.relation);
                form.lessee = relation.lessee;
            }
        }
        Ok(form)
    }

    pub(crate) fn check_document(&self, ask: &CheckDocument) -> Result<DocumentCheck, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let referral = ask.doc_type.referral().is_some();
            let facts = match id_document::check(ask.doc_type, &ask.doc_no, self.today(view)?) {
                Ok(facts) => facts,
                Err(problem) => {
                    return Ok(DocumentCheck { problem: Some(Problem::Document(problem)), referral, ..DocumentCheck::default() });
                }
            };
            let region = facts.region.filter(|code| region::check_hukou(code).is_ok());
            Ok(DocumentCheck {
                problem: None,
                warning: facts.warning,
                birth: facts.birth.map(|birth| birth.to_string()),
                sex: facts.sex.filter(|sex| matches!(sex, Sex::Male | Sex::Female)),
                region_name: region.as_deref().and_then(region::find).map(|region| region.display()).unwrap_or_default(),
                region,
                known: self.known(view, ask.doc_type, &facts.doc_no)?,
                referral,
            })
        })
    }

    /// Who on this device already has a document.
    pub(crate) fn known(&self, view: &View<'_>, doc_type: DocType, doc_no: &str) -> Result<Vec<Known>, Failure> {
        if doc_no.is_empty() {
            return Ok(Vec::new());
        }
        let mut known = Vec::new();
        for paper in domain::same::papers_with_one_number(doc_type) {
            for person in view.people_with_document(paper.code(), doc_no)? {
                known.extend(self.known_person(view, person)?);
            }
        }
        Ok(known)
    }

    pub(crate) fn known_person(&self, view: &View<'_>, person: RecordId) -> Result<Option<Known>, Failure> {
        let Some(line) = view.person_line(person)? else { return Ok(None) };
        let residency = domain::same::registrations(person, view)?.into_iter().find(residency::is_active).map(|record| record.id);
        Ok(Some(Known { person, residency, name: line.name, home: line.home, standing: standing(&line.standing) }))
    }

    pub(crate) fn reveal_document(&self, ask: &RevealDocument) -> Result<RevealedDocument, Failure> {
        self.save(|save| {
            // Whoever was referred to the station has no registration, and the same number to be read to it.
            let referred = save.writing.shown(ask.person)?.filter(|record| record.kind == kind::REFERRAL);
            let doc_no = match referred.as_ref().and_then(|referral| referral.typed::<ReferralWho>("who")) {
                Some(who) => who.doc_no,
                None => {
                    let person = same::meant(save.writing, ask.person)?.filter(|person| person.kind == kind::PERSON);
                    person.and_then(|person| person.typed::<Identity>("identity")).ok_or(ErrorCode::NotFound)?.doc_no
                }
            };
            let fact = serde_json::json!({ "record": ask.person, "what": "document", "at_unix_ms": save.now });
            save.create(kind::ACCESS, std::collections::BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
            Ok(RevealedDocument { doc_no })
        })
    }
}

fn person_rows(view: &View<'_>, lines: Vec<PersonLine>) -> Result<Vec<PersonRow>, Failure> {
    let anything_waits = !view.waiting_changes(1)?.is_empty();
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        rows.push(PersonRow {
            waiting: anything_waits && waits(view, line.id)?,
            id: line.id,
            name: line.name,
            document: line.document,
            home: line.home,
            standing: standing(&line.standing),
        });
    }
    Ok(rows)
}

pub(crate) fn search(view: &View<'_>, query: &str) -> Result<Vec<PersonLine>, Failure> {
    let mut lines = Vec::new();
    for id in view.by_term(kind::PERSON, query, PAGE * 2)? {
        if lines.len() < PAGE as usize {
            lines.extend(view.person_line(id)?);
        }
    }
    // An address, when the names do not fill the page and what was typed can be one.
    if lines.len() < PAGE as usize && query.chars().any(|c| text::is_han(c) || c.is_ascii_digit()) {
        for line in view.people_at(query, PAGE)? {
            if lines.len() < PAGE as usize && lines.iter().all(|known: &PersonLine| known.id != line.id) {
                lines.push(line);
            }
        }
    }
    Ok(lines)
}

/// Whether anything of a person waits to be answered: under any name of theirs, of their registrations and of where they live.
pub(crate) fn waits(view: &View<'_>, person: RecordId) -> Result<bool, Failure> {
    let names = domain::same::names_of(person, kind::PERSON, view)?;
    let mut theirs = names.clone();
    for about in [kind::RESIDENCY, kind::STAY] {
        theirs.extend(domain::same::naming_any(&names, about, view)?.iter().map(|record| record.id));
    }
    for id in theirs {
        if view.is_waiting(id)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn stay_view(view: &View<'_>, stay: &Record) -> Result<StayView, Failure> {
    let shown = |id: Option<RecordId>| -> Result<Option<Record>, Failure> {
        Ok(match id {
            Some(id) => view.shown(id)?,
            None => None,
        })
    };
    let unit = stay.reference("where", "unit").map(|unit| homes::root(view, unit)).transpose()?;
    let room = shown(stay.reference("where", "room"))?;
    Ok(StayView {
        id: stay.id,
        home: shown(unit)?.as_ref().map(derive::unit_title).unwrap_or_default(),
        unit: unit.unwrap_or(stay.id),
        room: room.and_then(|room| room.text("label", "label").map(str::to_owned)).unwrap_or_default(),
        from: stay.text("period", "from").unwrap_or_default().to_owned(),
        to: stay.text("period", "to").map(str::to_owned),
        lessee: stay.field("relation", "lessee").and_then(|lessee| lessee.as_bool()).unwrap_or(false),
    })
}

fn hukou_words(hukou: &Hukou) -> String {
    let region = region::find(&hukou.region).map(|region| region.display()).unwrap_or_else(|| hukou.region.clone());
    [region, hukou.address.clone()].join(" ").trim().to_owned()
}
