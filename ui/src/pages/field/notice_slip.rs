//! The notice of a check: what has to be mended by when, to show and to print. It names no occupant.

use std::rc::Rc;

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::safety::{NoticeSlip as AskSlip, SlipItem, SlipView};
use yew::prelude::*;

use super::history::HistoryLink;
use super::photos::Taking;
use super::route::Route;
use super::safety::hazard;
use super::taking_back::{TakeBack, stations_now, taken_back};
use crate::hooks::{use_call, use_frame};
pub use crate::pages::shared::print;
use crate::parts::{Button, Cells, Empty, Fact, LinkCell, Screen, answered};
use crate::words::{Words, use_words};

/// Properties of [`NoticeSlip`].
#[derive(Properties, PartialEq)]
pub struct NoticeSlipProps {
    /// The check.
    pub id: RecordId,
}

/// The page of a notice.
#[component(NoticeSlip)]
pub fn notice_slip(props: &NoticeSlipProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(AskSlip { inspection: props.id }, &[Topic::Units, Topic::Sync]);
    let back = asked.answer.ready().map_or(Route::Homes, |slip| Route::Home { id: slip.unit });
    let found = asked.answer.ready().is_some_and(|slip| !slip.items.is_empty());
    let thumb = if found {
        html! { <Button label={words.notice_print()} on_click={print()} /> }
    } else {
        Html::default()
    };
    html! {
        <Screen title={words.notice_slip_title()} back={back.href()} {thumb}>
            { answered(&asked, |slip| ready(words, slip, frame.today())) }
            <div class="not-printed">
                <Cells><LinkCell href={Route::PastCheck { id: props.id }.href()} title={words.check_read()} /></Cells>
                if asked.answer.ready().is_some_and(|slip| slip.may_take_back) {
                    <TakeBack key={props.id.to_string()} id={props.id} kind={domain::kind::INSPECTION} />
                }
                if asked.answer.ready().is_some_and(|slip| slip.stations) {
                    { stations_now(words) }
                }
                <HistoryLink id={props.id} />
            </div>
        </Screen>
    }
}

fn ready(words: Words, slip: &Rc<SlipView>, today: &str) -> Html {
    if slip.withdrawn {
        return taken_back(words);
    }
    if slip.items.is_empty() {
        return html! { <Empty title={words.notice_none()} /> };
    }
    html! {
        <>
            <article class="paper">
                <h2 class="paper-title">{ words.notice_slip_title() }</h2>
                <p class="paper-number">{ words.notice_number() }{ " " }{ &slip.number }</p>
                <div class="paper-facts">
                    <Fact name={words.notice_home()} value={format!("{} {}", slip.area_name, slip.home)} />
                    <Fact name={words.notice_plate()} value={slip.plate.clone()} />
                    <Fact name={words.notice_checked_on()} value={words.paper_day(&slip.checked_on)} />
                </div>
                <p>{ words.notice_intro() }</p>
                <ol class="paper-items">{ for slip.items.iter().map(|found| item(words, found)) }</ol>
                <p>{ words.notice_foot() }</p>
                <div class="paper-signs">
                    <p>{ words.notice_station() }<span class="paper-line"></span></p>
                    <p>{ words.notice_signed() }<span class="paper-line"></span></p>
                </div>
            </article>
            <div class="not-printed">
                { pictures(words, slip) }
                <Cells title={words.safety_hazards()}>{ for slip.items.iter().map(|found| hazard(words, &found.row, today)) }</Cells>
            </div>
        </>
    }
}

/// The camera for each object that is better shown than described, in a row: right after the check, while somebody stands before it.
fn pictures(words: Words, slip: &SlipView) -> Html {
    let helps = |found: &&SlipItem| found.row.state.is_open() && found.row.item.is_some_and(|item| item.photo_helps());
    let wanted: Vec<&SlipItem> = slip.items.iter().filter(helps).collect();
    if wanted.is_empty() {
        return Html::default();
    }
    html! {
        <Cells title={words.notice_pictures()}>
            { for wanted.iter().map(|found| html! {
                <div class="check-item" role="group" aria-label={words.hazard_line(&found.row)} key={found.row.id.to_string()}>
                    <p class="check-name"><span>{ words.hazard_line(&found.row) }</span></p>
                    <Taking key={found.row.id.to_string()} of={found.row.id} camera_only=true />
                </div>
            }) }
        </Cells>
    }
}

fn item(words: Words, found: &SlipItem) -> Html {
    let row = &found.row;
    let by = match &row.due {
        Some(due) => format!("{} {}", words.notice_mend_by(), words.paper_day(&due.on)),
        None => words.label(row.state).to_owned(),
    };
    html! {
        <li>
            <p class="paper-what">{ words.item_failed(row.item) }</p>
            if !row.description.is_empty() {
                <p>{ &row.description }</p>
            }
            if found.again {
                <p>{ words.notice_found_again() }</p>
            }
            <p class="paper-by">{ words.severity(row.severity) }{ " · " }{ by }</p>
            if let Some(to) = row.handed_to {
                <p class="paper-by">{ words.check_handed_to() }{ " " }{ words.label(to) }</p>
            }
        </li>
    }
}
