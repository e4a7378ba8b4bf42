//! People: searched while one types, or in order.

use ui_protocol::Topic;
use ui_protocol::people::{ListPeople, PersonRow, Standing};
use yew::prelude::*;
use yew_router::prelude::*;

use super::picks::HomePick;
use super::route::Route;
use crate::hooks::{Listed, use_pages, use_remembered, use_rested};
use crate::parts::{Empty, LinkCell, More, Screen, SearchBar, Skeleton, Tag, Tone, Trouble};
use crate::words::{Words, use_words};

/// The list of people.
#[component(People)]
pub fn people() -> Html {
    let words = use_words();
    let (typed, set_typed) = use_remembered("people");
    let query = use_rested(&typed);
    let listed = use_pages(ListPeople { query: query.clone(), after: None }, &[Topic::People, Topic::Sync]);
    let thumb = html! { <a class="weui-btn button button-primary" href={Route::NewPerson.href()}>{ words.person_add() }</a> };
    html! {
        <Screen title={words.tab_people()} {thumb}>
            <SearchBar id="search" label={words.people_search()} value={typed} on_change={set_typed} />
            { match &listed {
                Listed::Waiting => html! { <Skeleton /> },
                Listed::Failed(error, again) => html! { <Trouble error={error.clone()} again={again.clone()} /> },
                Listed::Ready { rows, .. } if rows.is_empty() && query.is_empty() => html! { <Empty title={words.people_empty()} help={words.people_empty_help()} /> },
                Listed::Ready { rows, .. } if rows.is_empty() => html! { <Empty title={words.nothing_found()} /> },
                Listed::Ready { rows, more, total } => html! {
                    <>
                        if let Some(total) = total {
                            <p class="list-total">{ words.in_all(*total) }</p>
                        }
                        <div class="weui-cells rows">{ for rows.iter().map(|row| person_row(words, row)) }</div>
                        if let Some(on_more) = more {
                            <More on_more={on_more.clone()} />
                        }
                    </>
                },
            } }
        </Screen>
    }
}

fn person_row(words: Words, row: &PersonRow) -> Html {
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
        <LinkCell key={row.id.to_string()} href={Route::Person { id: row.id }.href()} title={row.name.clone()} detail={row.home.clone()}
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
