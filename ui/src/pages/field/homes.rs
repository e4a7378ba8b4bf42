//! Homes: searched while one types, or in order.

use domain::access::Role;
use domain::codes::UnitStatus;
use domain::grade::Grade;
use ui_protocol::Topic;
use ui_protocol::units::{ListUnits, UnitRow};
use yew::prelude::*;

use super::route::Route;
use super::safety::grade_tone;
use crate::hooks::{Listed, use_frame, use_pages, use_remembered, use_rested};
use crate::parts::{Chip, Empty, LinkCell, More, Screen, SearchBar, Skeleton, Tag, Tone, Trouble};
use crate::words::{Words, use_words};

/// The order in which the home whose turn comes first stands first.
const BY_ROUND: &str = "round";

/// The list of homes.
#[component(Homes)]
pub fn homes() -> Html {
    let words = use_words();
    let frame = use_frame();
    let (typed, set_typed) = use_remembered("homes");
    let (order, set_order) = use_remembered("homes-order");
    let query = use_rested(&typed);
    let by_round = order == BY_ROUND;
    let grade = Grade::from_code(&order);
    let ask = ListUnits { query: query.clone(), area: None, after: None, by_round, grade };
    let listed = use_pages(ask, &[Topic::Units, Topic::People, Topic::Sync]);
    let makes_rounds = frame.status.account.as_ref().is_some_and(|account| account.role == Role::Coordinator);
    let thumb = html! {
        <div class="thumb-row">
            <a class="weui-btn button button-plain" href={Route::Scan.href()}>{ words.scan_title() }</a>
            <a class="weui-btn button button-primary" href={Route::NewHome.href()}>{ words.home_add() }</a>
        </div>
    };
    let mut choices =
        vec![(String::new(), words.homes_in_order().to_owned()), (BY_ROUND.to_owned(), words.homes_by_round().to_owned())];
    choices.extend(
        [Grade::Red, Grade::Yellow, Grade::Green].map(|grade| (grade.code().to_owned(), words.grade_short(grade).to_owned())),
    );
    html! {
        <Screen title={words.tab_homes()} {thumb}>
            <SearchBar id="search" label={words.homes_search()} value={typed} on_change={set_typed} />
            // What is searched for is found in its own order.
            if makes_rounds && query.is_empty() {
                <div class="chips" role="group" aria-label={words.homes_order()}>
                    { for choices.into_iter().map(|(code, label)| {
                        let pressed = code == order;
                        let on_click = set_order.reform({ let code = code.clone(); move |()| code.clone() });
                        html! { <Chip key={code} {label} {pressed} {on_click} /> }
                    }) }
                </div>
            }
            if let (true, Listed::Ready { rows, .. }) = (grade.is_some() && query.is_empty(), &listed) && rows.is_empty() {
                <Empty title={words.homes_none_so()} />
            } else {
                { unit_list(words, &listed, query.is_empty(), |row| html! {
                    <LinkCell key={row.id.to_string()} href={Route::Home { id: row.id }.href()} title={row.title.clone()}
                        detail={detail(words, row)} note={round(words, row, frame.today())} tags={tags(words, row)} />
                }) }
            }
        </Screen>
    }
}

/// How a home stands with whoever makes rounds.
fn round(words: Words, row: &UnitRow, today: &str) -> String {
    row.round.as_ref().map(|round| words.home_round(round, today)).unwrap_or_default()
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
            if let Some(round) = row.round.as_ref().filter(|round| round.grade != Grade::Green) {
                <Tag text={words.grade_short(round.grade)} tone={grade_tone(round.grade)} />
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
