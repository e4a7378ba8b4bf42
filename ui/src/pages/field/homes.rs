//! Homes: searched while one types, or in order.

use domain::codes::UnitStatus;
use ui_protocol::Topic;
use ui_protocol::units::{ListUnits, UnitRow};
use yew::prelude::*;

use super::route::Route;
use crate::hooks::{Listed, use_pages, use_remembered, use_rested};
use crate::parts::{Empty, LinkCell, More, Screen, SearchBar, Skeleton, Tag, Tone, Trouble};
use crate::words::{Words, use_words};

/// The list of homes.
#[component(Homes)]
pub fn homes() -> Html {
    let words = use_words();
    let (typed, set_typed) = use_remembered("homes");
    let query = use_rested(&typed);
    let listed =
        use_pages(ListUnits { query: query.clone(), area: None, after: None }, &[Topic::Units, Topic::People, Topic::Sync]);
    let thumb = html! { <a class="weui-btn button button-primary" href={Route::NewHome.href()}>{ words.home_add() }</a> };
    html! {
        <Screen title={words.tab_homes()} {thumb}>
            <SearchBar id="search" label={words.homes_search()} value={typed} on_change={set_typed} />
            { unit_list(words, &listed, query.is_empty(), |row| html! {
                <LinkCell key={row.id.to_string()} href={Route::Home { id: row.id }.href()} title={row.title.clone()} detail={detail(words, row)} tags={tags(words, row)} />
            }) }
        </Screen>
    }
}

/// A list of homes as far as it was fetched, drawn row by row.
pub fn unit_list(words: Words, listed: &Listed<UnitRow>, all: bool, row: impl Fn(&UnitRow) -> Html) -> Html {
    match listed {
        Listed::Waiting => html! { <Skeleton /> },
        Listed::Failed(error, again) => html! { <Trouble error={error.clone()} again={again.clone()} /> },
        Listed::Ready { rows, .. } if rows.is_empty() && all => {
            html! { <Empty title={words.homes_empty()} help={words.homes_empty_help()} /> }
        }
        Listed::Ready { rows, .. } if rows.is_empty() => html! { <Empty title={words.nothing_found()} /> },
        Listed::Ready { rows, more, total } => html! {
            <>
                if let Some(total) = total {
                    <p class="list-total">{ words.in_all(*total) }</p>
                }
                <div class="weui-cells rows">{ for rows.iter().map(row) }</div>
                if let Some(on_more) = more {
                    <More on_more={on_more.clone()} />
                }
            </>
        },
    }
}

/// What tells a home apart from another.
pub fn detail(words: Words, row: &UnitRow) -> String {
    [row.landlord.as_str(), row.area_name.as_str(), &words.people_count(row.people)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Where a home stands, and whether it waits.
pub fn tags(words: Words, row: &UnitRow) -> Html {
    html! {
        <>
            if row.state != UnitStatus::Registered {
                <Tag text={words.label(row.state)} tone={state_tone(row.state)} />
            }
            if row.waiting {
                <Tag text={words.waiting_mark()} tone={Tone::Wait} />
            }
        </>
    }
}

/// How good the state of a home is.
pub fn state_tone(state: UnitStatus) -> Tone {
    match state {
        UnitStatus::Registered => Tone::Good,
        UnitStatus::Pending => Tone::Wait,
        UnitStatus::Paused | UnitStatus::Closed => Tone::Calm,
    }
}
