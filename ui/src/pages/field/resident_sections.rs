//! The sections of a resident's form, in the order they are asked: document, person, guardian, stay, the rest.

use std::rc::Rc;

use domain::codes::{IntendedStay, PhoneNoneReason, PlaceKind, Reason, Relation, Sex};
use domain::form::FieldProblem;
use domain::id_document::DocType;
use domain::person::ResidentForm;
use ui_protocol::people::{DocumentCheck, NewResidentView};
use ui_protocol::units::UnitView;
use yew::prelude::*;

use super::picks::RegionPick;
use crate::parts::{Cells, Choices, DateField, Fold, InputKind, NoteField, QuickChoices, SelectField, TextField, options};
use crate::words::{Label, Words};

/// Adults of the room offered as a child's guardian, the last one registered first.
const GUARDIANS_OFFERED: usize = 4;

type Checks = crate::hooks::Checks<ResidentForm>;
type Draft = crate::hooks::Draft<ResidentForm>;

/// What the sections of the form share.
pub struct Fields {
    /// The form.
    pub draft: Draft,
    /// What is wrong with it.
    pub problems: Vec<FieldProblem>,
    /// What the number says.
    pub found: Option<Rc<DocumentCheck>>,
    /// The number is the mask it began as.
    pub masked_as_it_was: bool,
    /// What the home offers, once it answered.
    pub offers: Option<Rc<NewResidentView>>,
    /// Somebody else registers this person.
    pub is_child: bool,
    /// Somebody registered is changed.
    pub changes: bool,
}

/// Which document, and its number.
pub fn document_section(words: Words, fields: &Fields, checks: &Checks) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    let warning = fields.found.as_ref().and_then(|found| found.warning);
    let hint = match (fields.masked_as_it_was, &fields.found, warning) {
        (true, ..) => words.document_unchanged(),
        (_, _, Some(warning)) => words.document_warning(warning),
        (_, Some(_), _) => words.document_good(),
        _ => "",
    };
    html! {
        <Cells title={words.section_document()}>
            <SelectField id="doc_type" label={words.field_doc_type()} value={form.doc_type.stored()} choices={options::<DocType>(words)} said={said("doc_type")}
                on_change={draft.set(|form, code| if let Some(doc_type) = DocType::read(&code) { form.doc_type = doc_type })} />
            if form.doc_type == DocType::None {
                <NoteField id="identity_note" label={words.field_identity_note()} value={form.identity_note.clone()} required=true said={said("identity_note")}
                    hint={words.field_identity_note_hint()} on_change={draft.set(|form, text| form.identity_note = text)} on_leave={left} />
            } else {
                <TextField id="doc_no" label={words.field_doc_no()} kind={InputKind::Document} value={form.doc_no.clone()} required=true said={said("doc_no")} {hint}
                    on_change={draft.set(|form, text| form.doc_no = text)} on_leave={left} />
            }
        </Cells>
    }
}

/// Who.
pub fn person_section(words: Words, fields: &Fields, checks: &Checks, today: &str, referral: bool) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    let suggestion = fields
        .found
        .as_ref()
        .filter(|_| form.hukou_region.is_empty())
        .and_then(|found| found.region.clone().map(|code| (code, found.region_name.clone())))
        .filter(|(_, name)| !name.is_empty());
    html! {
        <Cells title={words.section_person()}>
            <TextField id="name" label={words.field_name()} value={form.name.clone()} required=true said={said("name")}
                on_change={draft.set(|form, text| form.name = text)} on_leave={left.clone()} />
            // The station reads these in the document; here they would be asked and not kept.
            if !referral {
                <SelectField id="sex" label={words.field_sex()} value={form.sex.map(Label::stored).unwrap_or_default()} choices={options::<Sex>(words)} none={words.choose()}
                    required=true said={said("sex")} on_change={draft.set(|form, code| form.sex = Sex::read(&code))} on_leave={left.clone()} />
                <DateField id="birth" label={words.field_birth()} value={form.birth.clone()} today={today.to_owned()} plain=true required=true said={said("birth")}
                    on_change={draft.set(|form, text| form.birth = text)} on_leave={left.clone()} />
                <RegionPick id="hukou_region" label={words.field_hukou_region()} code={form.hukou_region.clone()} said={said("hukou_region")}
                    hint={words.field_hukou_region_hint()} on_change={draft.set(|form, code| form.hukou_region = code)} on_leave={left.clone()} />
                if let Some((code, name)) = suggestion {
                    <div class="weui-cell suggestion">
                        <button type="button" class="suggestion-button" onclick={
                            let draft = draft.clone();
                            move |_| draft.change(|form| form.hukou_region = code.clone())
                        }>{ name }</button>
                        <span class="quiet">{ words.region_suggest() }</span>
                    </div>
                }
            }
            <TextField id="phone" label={words.field_phone()} kind={InputKind::Phone} value={form.phone.clone()} required={!referral} said={said("phone")}
                on_change={draft.set(|form, text| form.phone = text)} on_leave={left.clone()} />
            if form.phone.trim().is_empty() && !referral && fields.is_child {
                <QuickChoices label={words.field_phone_none()} value={form.phone_none.map(Label::stored).unwrap_or_default()}
                    choices={picked(words, &[PhoneNoneReason::Child])}
                    on_change={draft.set(|form, code| form.phone_none = PhoneNoneReason::read(&code))} />
            }
            if form.phone.trim().is_empty() && !referral {
                <SelectField id="phone_none" label={words.field_phone_none()} value={form.phone_none.map(Label::stored).unwrap_or_default()}
                    choices={options::<PhoneNoneReason>(words)} none={words.field_phone_none_no()}
                    on_change={draft.set(|form, code| form.phone_none = PhoneNoneReason::read(&code))} on_leave={left} />
            }
        </Cells>
    }
}

/// Who registers a child.
pub fn guardian_section(words: Words, fields: &Fields, checks: &Checks) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    let mut adults = fields.offers.as_ref().map(|offers| offers.adults.clone()).unwrap_or_default();
    adults.retain(|adult| adult.room == form.room);
    adults.truncate(GUARDIANS_OFFERED);
    let chosen = adults.iter().position(|adult| adult.name == form.guardian_name).map(|at| at.to_string()).unwrap_or_default();
    html! {
        <Cells title={words.section_guardian()}>
            <TextField id="guardian_name" label={words.field_guardian_name()} value={form.guardian_name.clone()} required=true said={said("guardian_name")}
                on_change={draft.set(|form, text| form.guardian_name = text)} on_leave={left.clone()} />
            <TextField id="guardian_phone" label={words.field_guardian_phone()} kind={InputKind::Phone} value={form.guardian_phone.clone()}
                said={said("guardian_phone")} on_change={draft.set(|form, text| form.guardian_phone = text)} on_leave={left} />
            if !adults.is_empty() {
                <QuickChoices label={words.section_guardian()} value={chosen} choices={adults.iter().enumerate().map(|(at, adult)| {
                    let named = if adult.phone.is_empty() { adult.name.clone() } else { format!("{} {}", adult.name, adult.phone) };
                    (AttrValue::from(at.to_string()), AttrValue::from(named))
                }).collect::<Choices>()} hint={words.guardian_here()} on_change={{
                    let adults = adults.clone();
                    draft.set(move |form, at| if let Some(adult) = at.parse().ok().and_then(|at: usize| adults.get(at)) {
                        form.guardian_name = adult.name.clone();
                        form.guardian_phone = adult.phone.clone();
                    })
                }} />
            }
        </Cells>
    }
}

/// Where, since when, why, for how long.
pub fn stay_section(
    words: Words,
    fields: &Fields,
    checks: &Checks,
    today: &str,
    home: Option<&Rc<UnitView>>,
    referral: bool,
) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    let rooms: Choices = home.map(|home| room_choices(home)).unwrap_or_default();
    let offers = fields.offers.as_deref();
    let reasons = offers.map(|offers| offers.reasons.clone()).unwrap_or_default();
    let stays = offers.map(|offers| offers.stays.clone()).unwrap_or_default();
    // Where somebody is the tenant already, the next one rarely is.
    let mut relations = picked(words, &[Relation::Family, Relation::Coworker]);
    let lessee = (AttrValue::Static(Relation::Lessee.stored()), AttrValue::Static(words.is_lessee()));
    if offers.is_some_and(|offers| offers.has_lessee) {
        relations.push(lessee)
    } else {
        relations.insert(0, lessee)
    }
    html! {
        <Cells title={words.section_stay()}>
            // Another room is a move, with its day.
            if !rooms.is_empty() && !fields.changes {
                <SelectField id="room" label={words.field_room()} value={form.room.map(|room| room.to_string()).unwrap_or_default()} choices={rooms}
                    none={words.field_room_none()} said={said("room")} on_change={draft.set(|form, id| form.room = id.parse().ok())} />
            }
            <DateField id="arrival_on" label={words.field_arrival_on()} value={form.arrival_on.clone()} today={today.to_owned()} required=true said={said("arrival_on")}
                on_change={draft.set(|form, text| form.arrival_on = text)} on_leave={left.clone()} />
            if !referral {
                <SelectField id="reason" label={words.field_reason()} value={form.reason.map(Label::stored).unwrap_or_default()} choices={options::<Reason>(words)}
                    none={words.choose()} required=true said={said("reason")} on_change={draft.set(|form, code| form.reason = Reason::read(&code))} on_leave={left.clone()} />
                <QuickChoices label={words.field_reason()} value={form.reason.map(Label::stored).unwrap_or_default()} choices={picked(words, &reasons)}
                    on_change={draft.set(|form, code| form.reason = Reason::read(&code))} />
                <SelectField id="intended" label={words.field_intended()} value={form.intended.map(Label::stored).unwrap_or_default()}
                    choices={options::<IntendedStay>(words)} none={words.choose()} required=true said={said("intended")}
                    on_change={draft.set(|form, code| form.intended = IntendedStay::read(&code))} on_leave={left.clone()} />
                <QuickChoices label={words.field_intended()} value={form.intended.map(Label::stored).unwrap_or_default()} choices={picked(words, &stays)}
                    on_change={draft.set(|form, code| form.intended = IntendedStay::read(&code))} />
                <SelectField id="relation" label={words.field_relation()} value={form.relation.map(Label::stored).unwrap_or_default()}
                    choices={options::<Relation>(words)} none={words.choose()} required=true said={said("relation")}
                    on_change={relate(draft)} on_leave={left} />
                <QuickChoices label={words.field_relation()} value={form.relation.map(Label::stored).unwrap_or_default()} choices={relations} on_change={relate(draft)} />
            }
        </Cells>
    }
}

/// The relation to the tenant; 是承租人 writes the tenancy.
fn relate(draft: &Draft) -> Callback<String> {
    draft.set(|form, code| {
        form.relation = Relation::read(&code);
        form.lessee = form.relation == Some(Relation::Lessee);
    })
}

/// Some codes of a table, as choices.
fn picked<L: Label>(words: Words, codes: &[L]) -> Choices {
    codes.iter().map(|code| (AttrValue::Static(code.stored()), AttrValue::Static(words.label(*code)))).collect()
}

/// The rooms of a home, to choose from.
pub fn room_choices(home: &UnitView) -> Choices {
    home.rooms
        .iter()
        .filter_map(|room| room.id.map(|id| (AttrValue::from(id.to_string()), AttrValue::from(room.label.clone()))))
        .collect()
}

/// What most people never need.
pub fn more_section(words: Words, fields: &Fields, checks: &Checks, today: &str) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    let open = ["hukou_address", "employer", "declared_on"].iter().any(|field| said(field).is_some());
    html! {
        <Fold title={words.more_fields()} {open}>
            <TextField id="hukou_address" label={words.field_hukou_address()} value={form.hukou_address.clone()} said={said("hukou_address")}
                on_change={draft.set(|form, text| form.hukou_address = text)} on_leave={left.clone()} />
            <TextField id="employer" label={words.field_employer()} value={form.employer.clone()} said={said("employer")}
                on_change={draft.set(|form, text| form.employer = text)} on_leave={left.clone()} />
            <SelectField id="place_kind" label={words.field_place_kind()} value={form.place_kind.stored()} choices={options::<PlaceKind>(words)}
                on_change={draft.set(|form, code| if let Some(kind) = PlaceKind::read(&code) { form.place_kind = kind })} />
            // Once written it counts for a permit: nobody changes it at a door.
            if !fields.changes {
                <DateField id="declared_on" label={words.field_declared_on()} value={form.declared_on.clone()} today={today.to_owned()} said={said("declared_on")}
                    hint={words.field_declared_on_hint()} on_change={draft.set(|form, text| form.declared_on = text)} on_leave={left} />
            }
        </Fold>
    }
}
