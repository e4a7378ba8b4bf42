//! Plates of a village: chosen, printed, and another one for a home whose plate is lost.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::RecordId;
use domain::access::Role;
use ui_protocol::Topic;
use ui_protocol::desk::Overview as AskOverview;
use ui_protocol::plates::{PlateRow, Plates as AskPlates, PlatesReply, ReplacePlate};
use yew::prelude::*;
use yew_router::prelude::*;

use super::app::Officer;
use super::route::{Filter, Route};
use crate::hooks::{use_asker, use_call, use_notices, use_submit};
use crate::pages::shared;
use crate::parts::{Button, Choices, Dialog, Empty, Look, SelectField, Trouble, answered};
use crate::words::{Words, use_words};

/// Plates of one print: ten sheets of paper, and no browser is out of breath.
const PRINT_MAX: usize = 120;

/// The page of plates.
#[component(Plates)]
pub fn plates() -> Html {
    let words = use_words();
    let navigator = use_navigator();
    let filter: Filter = use_location().and_then(|location| location.query::<Filter>().ok()).unwrap_or_default();
    let areas = use_call(AskOverview {}, &[]);
    let choices: Choices = areas
        .answer
        .ready()
        .map(|reply| {
            let named = reply.areas.iter().filter(|area| area.units > 0 || area.code == filter.area);
            named.map(|area| (area.code.clone().into(), format!("{}{}", area.township, area.name).into())).collect()
        })
        .unwrap_or_default();
    let on_area = Callback::from(move |area: String| {
        if let Some(navigator) = &navigator {
            // A code, which an address can always hold.
            let _went = navigator.replace_with_query(&Route::Plates, &Filter { area, ..Filter::default() });
        }
    });
    html! {
        <main class="desk-main desk-plates">
            <div class="not-printed">
                <h1>{ words.plate_title() }</h1>
                <p class="quiet desk-help">{ words.plates_help() }</p>
                <div class="desk-filters">
                    <SelectField id="area" label={words.desk_area()} value={filter.area.clone()} {choices} none={words.plates_choose()} on_change={on_area} />
                </div>
            </div>
            if filter.area.is_empty() {
                <Empty title={words.plates_choose()} />
            } else {
                <OfVillage key={filter.area.clone()} area={filter.area.clone()} />
            }
        </main>
    }
}

/// Properties of [`OfVillage`].
#[derive(Properties, PartialEq)]
struct OfVillageProps {
    area: AttrValue,
}

#[component(OfVillage)]
fn of_village(props: &OfVillageProps) -> Html {
    let asked = use_call(AskPlates { area: props.area.to_string() }, &[Topic::Units]);
    answered(&asked, |reply| html! { <Chosen reply={reply.clone()} /> })
}

/// Properties of [`Chosen`].
#[derive(Properties, PartialEq)]
struct ChosenProps {
    reply: Rc<PlatesReply>,
}

#[component(Chosen)]
fn chosen(props: &ChosenProps) -> Html {
    let words = use_words();
    let officer = use_context::<Officer>();
    let may = officer.as_ref().is_some_and(|officer| officer.me.account.role == Role::Officer);
    let today = officer.map(|officer| officer.me.today.clone()).unwrap_or_default();
    let ticked = use_state(BTreeSet::<RecordId>::new);
    let rows = &props.reply.rows;
    if rows.is_empty() {
        return html! { <Empty title={words.plates_empty()} /> };
    }
    let set = |to: BTreeSet<RecordId>| {
        let ticked = ticked.setter();
        Callback::from(move |()| ticked.set(to.clone()))
    };
    let all: BTreeSet<RecordId> = rows.iter().take(PRINT_MAX).map(|row| row.unit).collect();
    let printed: Vec<&PlateRow> = rows.iter().filter(|row| ticked.contains(&row.unit)).take(PRINT_MAX).collect();
    let tick = |unit: RecordId| {
        let (ticked, now) = (ticked.setter(), (*ticked).clone());
        Callback::from(move |_: Event| {
            let mut now = now.clone();
            if !now.remove(&unit) {
                now.insert(unit);
            }
            ticked.set(now);
        })
    };
    html! {
        <>
            <div class="not-printed">
                if props.reply.cut {
                    <p class="quiet">{ words.plates_cut() }</p>
                }
                <div class="desk-ask plates-ask">
                    <p class="desk-figures" role="status">{ words.plates_chosen(printed.len(), PRINT_MAX) }</p>
                    <Button look={Look::Small} label={words.plates_all()} on_click={set(all)} />
                    <Button look={Look::Small} label={words.plates_none()} on_click={set(BTreeSet::new())} />
                    if !printed.is_empty() {
                        <Button look={Look::Primary} label={words.plates_print()} on_click={shared::print()} />
                    }
                </div>
                <div class="desk-scroll" tabindex="0" role="region" aria-label={words.plate_title()}>
                    <table class="desk-table">
                        <thead><tr>
                            <th scope="col">{ words.plates_tick() }</th>
                            <th scope="col">{ words.scan_number() }</th>
                            <th scope="col">{ words.plates_home() }</th>
                            <th scope="col" class="figure">{ words.plate_which() }</th>
                            <th scope="col">{ words.plate_given() }</th>
                            if may { <th scope="col">{ words.plate_replace() }</th> }
                        </tr></thead>
                        <tbody>{ for rows.iter().map(|row| html! {
                            <tr key={row.unit.to_string()}>
                                <td><label class="plates-tick"><input type="checkbox" aria-label={words.plate_of(&row.number)}
                                    checked={ticked.contains(&row.unit)} onchange={tick(row.unit)} /></label></td>
                                <th scope="row">{ &row.number }</th>
                                <td>{ &row.title }</td>
                                <td class="figure">{ row.no }</td>
                                <td>{ words.plain_day(&row.on, &today) }</td>
                                if may { <td><Replace row={row.clone()} /></td> }
                            </tr>
                        }) }</tbody>
                    </table>
                </div>
            </div>
            if !printed.is_empty() {
                { sheet(words, &printed) }
            }
        </>
    }
}

/// What comes out of the printer: plates, and by itself the list for whoever puts them up. No name stands on either.
fn sheet(words: Words, rows: &[&PlateRow]) -> Html {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    html! {
        <>
            <h2 class="desk-h2 not-printed">{ words.plates_sheet() }</h2>
            <section class="plate-sheet" aria-label={words.plates_sheet()}>
                { for rows.iter().map(|row| html! {
                    <Printed key={row.unit.to_string()} number={row.number.clone()} text={row.token.address(&origin)} />
                }) }
            </section>
            <section class="plate-list">
                <h2 class="desk-h2">{ words.plates_list() }</h2>
                <table class="desk-table desk-few">
                    <thead><tr><th scope="col">{ words.scan_number() }</th><th scope="col">{ words.plates_home() }</th></tr></thead>
                    <tbody>{ for rows.iter().map(|row| html! { <tr><th scope="row">{ &row.number }</th><td>{ &row.title }</td></tr> }) }</tbody>
                </table>
            </section>
        </>
    }
}

/// Properties of [`Printed`].
#[derive(Properties, PartialEq)]
struct PrintedProps {
    number: String,
    text: String,
}

/// One plate of the sheet; drawn once, however often something is ticked.
#[component(Printed)]
fn printed(props: &PrintedProps) -> Html {
    let words = use_words();
    let drawing = use_memo(props.text.clone(), |text| domain::code::draw(text));
    match drawing.as_ref() {
        Some(drawing) => html! { <div class="plate-cell">{ shared::plate(words, &props.number, drawing) }</div> },
        // An address that is longer than any code holds.
        None => Html::default(),
    }
}

/// Properties of [`Replace`].
#[derive(Properties, PartialEq)]
struct ReplaceProps {
    row: PlateRow,
}

#[component(Replace)]
fn replace(props: &ReplaceProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let asking = use_state(|| false);
    let submit = use_submit::<ReplacePlate>({
        let asking = asking.setter();
        Callback::from(move |_| {
            asking.set(false);
            notices.say(words.plate_replaced());
            asker.announce(&[Topic::Units]);
        })
    });
    let set = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let on_confirm = {
        let (send, unit) = (submit.send.clone(), props.row.unit);
        Callback::from(move |()| send.emit(ReplacePlate { unit }))
    };
    html! {
        <>
            <Button look={Look::Small} label={words.plate_replace()} spoken={format!("{} {}", words.plate_replace(), props.row.number)} on_click={set(true)} />
            if *asking {
                <Dialog title={format!("{} {}", words.plate_replace(), props.row.number)} text={words.plate_replace_ask()} confirm={words.plate_replace()} warn=true
                    busy={submit.state.is_busy()} {on_confirm} on_cancel={set(false)}>
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </>
    }
}
