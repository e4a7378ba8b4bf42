//! Entering and changing a home.

use domain::RecordId;
use domain::codes::{LettingMode, TenureKind, UnitUse};
use domain::form::may_save;
use domain::rooms;
use domain::unit::UnitForm;
use ui_protocol::Topic;
use ui_protocol::units::{SaveUnit, SavedUnit, Unit};
use yew::prelude::*;
use yew_router::prelude::*;

use super::restored::restored;
use super::route::Route;
use super::undo::use_undo;
use crate::hooks::{Draft, use_call, use_checks, use_draft_of_record, use_frame, use_notices, use_submit};
use crate::parts::{
    Button, Cells, Choices, DateField, Fold, InputKind, Look, NoteField, Screen, SelectField, Skeleton, SwitchField, TextField,
    Trouble, answered, focus_first_problem, options,
};
use crate::words::{Label, use_words};

/// A new home.
#[component(NewHome)]
pub fn new_home() -> Html {
    let words = use_words();
    let frame = use_frame();
    let mut fresh = UnitForm::default();
    // A coordinator of one village is not asked which.
    if let [only] = frame.status.areas.as_slice() {
        fresh.address.area = only.code.clone();
    }
    html! {
        <Screen title={words.home_new_title()} back={Route::Homes.href()}>
            <Editor {fresh} />
        </Screen>
    }
}

/// Properties of [`EditHome`].
#[derive(Properties, PartialEq)]
pub struct EditHomeProps {
    /// Which.
    pub id: RecordId,
}

/// A home to change.
#[component(EditHome)]
pub fn edit_home(props: &EditHomeProps) -> Html {
    let words = use_words();
    let id = props.id;
    let asked = use_call(Unit { id }, &[Topic::Units]);
    html! {
        <Screen title={words.home_edit_title()} back={Route::Home { id }.href()}>
            { answered(&asked, |unit| html! { <Editor id={Some(id)} fresh={unit.form.clone()} /> }) }
        </Screen>
    }
}

/// Properties of [`Editor`].
#[derive(Properties, PartialEq)]
struct EditorProps {
    #[prop_or_default]
    id: Option<RecordId>,
    fresh: UnitForm,
}

#[component(Editor)]
fn editor(props: &EditorProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let navigator = use_navigator();
    let undo = use_undo();
    let id = props.id;
    let key = id.map_or_else(|| "unit:new".to_owned(), |id| format!("unit:{id}"));
    let draft: Draft<UnitForm> = use_draft_of_record(key, props.fresh.clone(), id.is_some());
    let checks = use_checks::<UnitForm>();
    let submit = use_submit::<SaveUnit>({
        let draft = draft.clone();
        Callback::from(move |saved: SavedUnit| {
            draft.finish();
            if let Some(navigator) = &navigator {
                navigator.replace(&Route::Home { id: saved.id });
            }
            let said = if saved.waiting_to_sync { words.saved_waiting() } else { words.saved() };
            if id.is_none() {
                let undo = undo.clone();
                notices.say_with(said, words.undo(), Callback::from(move |()| undo.emit((saved.id, Route::Homes))));
            } else {
                notices.say(said);
            }
        })
    });
    if !draft.is_loaded() {
        return html! { <Skeleton /> };
    }
    let form = draft.form().clone();
    let problems = checks.with_answer(form.check(frame.today_date()), &form, submit.state.error());
    let said = |field: &str| checks.said(words, &problems, field);
    let left = checks.left();
    let onsubmit = {
        let (draft, checks, send, stops) =
            (draft.clone(), checks.clone(), submit.send.clone(), !may_save(&form.check(frame.today_date())));
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            let form = draft.form().clone();
            checks.sent(&form);
            send.emit(SaveUnit { id, form, draft: Some(draft.key()) });
        })
    };
    let areas: Choices = frame
        .status
        .areas
        .iter()
        .map(|area| (area.code.clone().into(), format!("{}{}", area.township, area.name).into()))
        .collect();
    let preview = form.address.display();
    let rooms_hint = match rooms::expand(&form.rooms) {
        Ok(labels) => words.rooms_become(labels.len()),
        Err(_) if id.is_some() && form.rooms.trim().is_empty() => words.field_rooms_kept().to_owned(),
        Err(_) => words.field_rooms_hint().to_owned(),
    };
    let address_open =
        ["compound", "building", "unit_no", "floor", "note"].iter().any(|field| said(field).is_some_and(|said| !said.warning));
    let letting_open = ["area_m2", "beds"].iter().any(|field| said(field).is_some_and(|said| !said.warning));
    html! {
        <form {onsubmit} class="form" novalidate=true>
            { restored(words, &draft) }
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <Cells title={words.section_address()}>
                <SelectField id="area" label={words.field_area()} value={form.address.area.clone()} choices={areas} none={words.choose()} required=true
                    said={said("area")} on_change={draft.set(|form, text| form.address.area = text)} on_leave={left.clone()} />
                <TextField id="natural_group" label={words.field_natural_group()} value={form.address.natural_group.clone()} said={said("natural_group")}
                    on_change={draft.set(|form, text| form.address.natural_group = text)} on_leave={left.clone()} />
                <TextField id="road" label={words.field_road()} value={form.address.road.clone()} said={said("road")}
                    on_change={draft.set(|form, text| form.address.road = text)} on_leave={left.clone()} />
                <TextField id="plate_no" label={words.field_plate_no()} value={form.address.plate_no.clone()} said={said("plate_no")}
                    hint={if preview.is_empty() { String::new() } else { format!("{}：{preview}", words.address_preview()) }}
                    on_change={draft.set(|form, text| form.address.plate_no = text)} on_leave={left.clone()} />
            </Cells>
            <Fold title={words.section_address_more()} open={address_open}>
                <TextField id="compound" label={words.field_compound()} value={form.address.compound.clone()} said={said("compound")}
                    on_change={draft.set(|form, text| form.address.compound = text)} on_leave={left.clone()} />
                <TextField id="building" label={words.field_building()} value={form.address.building.clone()} said={said("building")}
                    on_change={draft.set(|form, text| form.address.building = text)} on_leave={left.clone()} />
                <TextField id="unit_no" label={words.field_unit_no()} value={form.address.unit_no.clone()} said={said("unit_no")}
                    on_change={draft.set(|form, text| form.address.unit_no = text)} on_leave={left.clone()} />
                <TextField id="floor" label={words.field_floor()} value={form.address.floor.clone()} said={said("floor")}
                    on_change={draft.set(|form, text| form.address.floor = text)} on_leave={left.clone()} />
                <NoteField id="note" label={words.field_note()} value={form.address.note.clone()} said={said("note")} hint={words.field_address_note_hint()}
                    on_change={draft.set(|form, text| form.address.note = text)} on_leave={left.clone()} />
            </Fold>
            <Cells title={words.section_landlord()}>
                <TextField id="landlord_name" label={words.field_landlord_name()} value={form.landlord_name.clone()} required=true said={said("landlord_name")}
                    on_change={draft.set(|form, text| form.landlord_name = text)} on_leave={left.clone()} />
                <TextField id="landlord_phone" label={words.field_landlord_phone()} kind={InputKind::Phone} value={form.landlord_phone.clone()} required=true
                    said={said("landlord_phone")} on_change={draft.set(|form, text| form.landlord_phone = text)} on_leave={left.clone()} />
                <SwitchField id="landlord_on_site" label={words.field_landlord_on_site()} value={form.landlord_on_site}
                    on_change={draft.set_flag(|form, on| form.landlord_on_site = on)} />
            </Cells>
            <Cells title={words.section_letting()}>
                <TextField id="rooms" label={words.field_rooms()} value={form.rooms.clone()} said={said("rooms")} hint={rooms_hint}
                    on_change={draft.set(|form, text| form.rooms = text)} on_leave={left.clone()} />
                <SelectField id="mode" label={words.field_mode()} value={form.mode.stored()} choices={options::<LettingMode>(words)} said={said("mode")}
                    on_change={draft.set(|form, code| if let Some(mode) = LettingMode::read(&code) { form.mode = mode })} />
            </Cells>
            <Fold title={words.section_letting_more()} open={letting_open}>
                <SelectField id="usage" label={words.field_usage()} value={form.usage.stored()} choices={options::<UnitUse>(words)}
                    on_change={draft.set(|form, code| if let Some(usage) = UnitUse::read(&code) { form.usage = usage })} />
                <SelectField id="tenure" label={words.field_tenure()} value={form.tenure.stored()} choices={options::<TenureKind>(words)}
                    on_change={draft.set(|form, code| if let Some(tenure) = TenureKind::read(&code) { form.tenure = tenure })} />
                <TextField id="area_m2" label={words.field_area_m2()} kind={InputKind::Decimal} value={form.area_m2.clone()} said={said("area_m2")}
                    on_change={draft.set(|form, text| form.area_m2 = text)} on_leave={left.clone()} />
                <TextField id="beds" label={words.field_beds()} kind={InputKind::Digits} value={form.beds.clone()} said={said("beds")}
                    on_change={draft.set(|form, text| form.beds = text)} on_leave={left.clone()} />
            </Fold>
            <Cells title={words.section_letter()}>
                <SwitchField id="letter_signed" label={words.field_letter_signed()} value={form.letter_signed} on_change={
                    let today = frame.today().to_owned();
                    draft.set_flag(move |form, on| {
                        form.letter_signed = on;
                        if on && form.letter_signed_on.is_empty() {
                            form.letter_signed_on = today.clone();
                        }
                    })
                } />
                if form.letter_signed {
                    <DateField id="letter_signed_on" label={words.field_letter_signed_on()} value={form.letter_signed_on.clone()} today={frame.today().to_owned()}
                        required=true said={said("letter_signed_on")} on_change={draft.set(|form, text| form.letter_signed_on = text)} on_leave={left.clone()} />
                    <DateField id="letter_valid_to" label={words.field_letter_valid_to()} value={form.letter_valid_to.clone()} today={frame.today().to_owned()}
                        said={said("letter_valid_to")} on_change={draft.set(|form, text| form.letter_valid_to = text)} on_leave={left} />
                }
            </Cells>
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={words.save()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}
