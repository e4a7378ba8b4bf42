//! A home of which a visit said that nobody rents it: who is registered there all the same, and what may be done.

use domain::RecordId;
use domain::codes::UnitStatus;
use ui_protocol::visits::EmptyHome;
use yew::prelude::*;

use super::home_actions::{Action, HomeActions};
use super::route::Route;
use crate::hooks::use_frame;
use crate::parts::{Banner, Cells, LinkCell, Tone};
use crate::words::use_words;

/// Properties of [`EmptyHomeSection`].
#[derive(Properties, PartialEq)]
pub struct EmptyHomeProps {
    /// The home.
    pub id: RecordId,
    /// What the visit said.
    pub empty: EmptyHome,
}

/// What was said, and what follows: the people first, then the address, then the home.
#[component(EmptyHomeSection)]
pub fn empty_home_section(props: &EmptyHomeProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let (id, empty) = (props.id, &props.empty);
    let offered = empty.may.iter().filter_map(|state| match state {
        UnitStatus::Paused => Some(Action::Pause),
        UnitStatus::Closed => Some(Action::Close),
        _ => None,
    });
    let said = words.empty_home_said(empty.result, &words.moment(empty.observed_unix_ms, frame.today()));
    html! {
        <div data-testid="empty-home">
            <Banner tone={Tone::Wait} text={said} />
            if !empty.people.is_empty() {
                <Cells title={words.empty_home_people(empty.people.len())}>
                    { for empty.people.iter().map(|one| html! {
                        <LinkCell key={one.person.to_string()} href={Route::Leave { id: one.person }.href()} title={one.name.clone()}
                            detail={words.person_leave()} />
                    }) }
                    <LinkCell href={Route::Visit { id }.href()} title={words.presence_visit_again()} detail={words.empty_home_ask()} />
                </Cells>
            }
            if empty.wrong_address {
                <Cells>
                    <LinkCell href={Route::EditHome { id }.href()} title={words.empty_home_address()} detail={words.empty_home_address_help()} />
                </Cells>
            }
            <HomeActions {id} title={words.visit_follow_up()} offered={offered.collect::<Vec<_>>()} />
        </div>
    }
}
