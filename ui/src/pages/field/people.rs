//! People: searched while one types, or in order.

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::people::{ListPeople, PersonRow, Standing};
use ui_protocol::permits::WhoMayApply;
use yew::prelude::*;
use yew_router::prelude::*;

use super::picks::HomePick;
use super::route::Route;
use crate::hooks::{Listed, use_pages, use_remembered, use_rested};
use crate::parts::{Chip, Empty, LinkCell, More, Screen, SearchBar, Skeleton, Tag, Tone, Trouble};
use crate::words::{Words, use_words};

/// Only those who may ask for a permit.
const MAY_APPLY: &str = "may-apply";

/// The list of people.
#[component(People)]
pub fn people() -> Html {
    let words = use_words();
    let (typed, set_typed) = use_remembered("people");
    let query = use_rested(&typed);
    let (only, set_only) = use_remembered("people-only");
    let may_apply = only == MAY_APPLY;
    let on_chip = set_only.reform(move |()| if may_apply { String::new() } else { MAY_APPLY.to_owned() });
    let thumb = html! { <a class="weui-btn button button-primary" href={Route::NewPerson.href()}>{ words.person_add() }</a> };
    html! {
        <Screen title={words.tab_people()} {thumb}>
            <SearchBar id="search" label={words.people_search()} value={typed} on_change={set_typed} />
            // Who is searched for is found whatever was chosen.
            if query.is_empty() {
                <div class="chips" role="group" aria-label={words.people_only()}>
                    <Chip label={words.people_may_apply()} pressed={may_apply} on_click={on_chip} />
                </div>
            }
            if may_apply && query.is_empty() {
                <MayApply />
            } else {
                <Found {query} />
            }
        </Screen>
    }
}

/// Properties of [`Found`].
#[derive(Properties, PartialEq)]
struct FoundProps {
    query: String,
}

/// Everybody, or who was searched for.
#[component(Found)]
fn found(props: &FoundProps) -> Html {
    let words = use_words();
    let listed = use_pages(ListPeople { query: props.query.clone(), after: None }, &[Topic::People, Topic::Sync]);
    let none = if props.query.is_empty() {
        html! { <Empty title={words.people_empty()} help={words.people_empty_help()} /> }
    } else {
        html! { <Empty title={words.nothing_found()} /> }
    };
    person_list(words, &listed, none, |id| Route::Person { id })
}

/// Those who may ask for a permit and have not: the way to their permits.
#[component(MayApply)]
fn may_apply() -> Html {
    let words = use_words();
    let listed = use_pages(WhoMayApply::default(), &[Topic::People, Topic::Sync]);
    let none = html! { <Empty title={words.people_none_may_apply()} help={words.people_none_may_apply_help()} /> };
    person_list(words, &listed, none, |id| Route::Permits { id })
}

fn person_list(words: Words, listed: &Listed<PersonRow>, none: Html, to: fn(RecordId) -> Route) -> Html {
    match listed {
        Listed::Waiting => html! { <Skeleton /> },
        Listed::Failed(error, again) => html! { <Trouble error={error.clone()} again={again.clone()} /> },
        Listed::Ready { rows, .. } if rows.is_empty() => none,
        Listed::Ready { rows, more, total } => html! {
            <>
                if let Some(total) = total {
                    <p class="list-total">{ words.in_all(*total) }</p>
                }
                <div class="weui-cells rows">{ for rows.iter().map(|row| person_row(words, row, to)) }</div>
                if let Some(on_more) = more {
                    <More on_more={on_more.clone()} />
                }
            </>
        },
    }
}

fn person_row(words: Words, row: &PersonRow, to: fn(RecordId) -> Route) -> Html {
    let tags = html! {
        <>
            if row.standing != Standing::Active {
                <Tag text={words.standing(row.standing)} tone={standing_tone(row.standing)} />
            }
            if row.waiting {
                <Tag text={words.waiting_mark()} tone={Tone::Wait} />
            }
        </>
    };
    html! {
        <LinkCell key={row.id.to_string()} href={to(row.id).href()} title={row.name.clone()} detail={row.home.clone()}
            note={row.document.clone()} {tags} />
    }
}

/// How good a standing is.
pub fn standing_tone(standing: Standing) -> Tone {
    match standing {
        Standing::Active => Tone::Good,
        Standing::ToPlace => Tone::Wait,
        Standing::Cancelled | Standing::None => Tone::Calm,
    }
}

/// Somebody lives somewhere: the home comes first.
#[component(NewPerson)]
pub fn new_person() -> Html {
    let words = use_words();
    let navigator = use_navigator();
    let on_pick = Callback::from(move |id| {
        if let Some(navigator) = &navigator {
            navigator.push(&Route::AddPerson { id });
        }
    });
    html! {
        <Screen title={words.person_pick_home()} back={Route::People.href()}>
            <HomePick {on_pick} />
        </Screen>
    }
}
