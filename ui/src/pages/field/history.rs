//! What happened to a record: what this device knows at once, and all of it from the server when it is asked for.

use std::rc::Rc;

use domain::RecordId;
use ui_protocol::history::{History as AskHistory, HistoryLine, HistoryView, WholeHistory};
use ui_protocol::{ErrorCode, Topic, UiError};
use yew::prelude::*;

use super::route::{Route, why_save_href};
use crate::hooks::{use_call, use_frame, use_submit};
use crate::pages::shared;
use crate::parts::{Banner, Button, Cells, LinkCell, Look, Screen, Tone, Trouble, answered};
use crate::words::use_words;

/// Properties of [`History`] and [`HistoryLink`].
#[derive(Properties, PartialEq)]
pub struct HistoryProps {
    /// Of which record.
    pub id: RecordId,
}

/// The way to it, at the end of a record's page.
#[component(HistoryLink)]
pub fn history_link(props: &HistoryProps) -> Html {
    let words = use_words();
    html! {
        <Cells>
            <LinkCell href={Route::History { id: props.id }.href()} title={words.history_title()} detail={words.history_open_help()} />
        </Cells>
    }
}

/// The page of a record's past.
#[component(History)]
pub fn history(props: &HistoryProps) -> Html {
    let words = use_words();
    let asked = use_call(AskHistory { id: props.id }, &[Topic::Units, Topic::People, Topic::Reports, Topic::Sync]);
    let page = asked.answer.ready().and_then(|view| view.page.clone());
    let back = page.map_or(Route::First, |page| Route::of_record(&page.kind, page.id, page.on_page_of));
    html! {
        <Screen title={words.history_title()} back={back.href()}>
            { answered(&asked, |view| html! { <Ready view={view.clone()} /> }) }
        </Screen>
    }
}

/// Properties of [`Ready`].
#[derive(Properties, PartialEq)]
struct ReadyProps {
    view: Rc<HistoryView>,
}

/// What the server told so far.
#[derive(Clone, Default, PartialEq)]
struct Whole {
    lines: Vec<HistoryLine>,
    more: bool,
}

#[component(Ready)]
fn ready(props: &ReadyProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let view = &props.view;
    let whole = use_state(|| None::<Whole>);
    let ask = use_submit::<WholeHistory>({
        let whole = whole.clone();
        Callback::from(move |reply: HistoryView| {
            let mut lines = whole.as_ref().map(|whole| whole.lines.clone()).unwrap_or_default();
            lines.extend(reply.lines);
            whole.set(Some(Whole { lines, more: reply.more }));
        })
    });
    let (lines, told) = match &*whole {
        Some(whole) => (&whole.lines, words.history_whole()),
        None if !view.sent => (&view.lines, words.history_unsent()),
        None => (&view.lines, words.history_here()),
    };
    let on_ask = {
        let (send, id) = (ask.send.clone(), view.id);
        let skip = whole.as_ref().map_or(0, |whole| u32::try_from(whole.lines.len()).unwrap_or(u32::MAX));
        Callback::from(move |()| send.emit(WholeHistory { id, skip }))
    };
    let button = match &*whole {
        None => view.sent.then_some((words.history_ask(), Look::Primary)),
        Some(whole) if whole.more => Some((words.history_older(), Look::Plain)),
        Some(_) => None,
    };
    html! {
        <>
            <div class="card">
                <p class="card-title">{ if view.title.is_empty() { words.kind(&view.kind).to_owned() } else { view.title.clone() } }</p>
                <p class="card-detail">{ words.kind(&view.kind) }</p>
                <p class="quiet" role="status">{ told }</p>
            </div>
            <div class="weui-cells" data-testid="history">
                { shared::history(words, lines, &shared::ReadAt { today: frame.today(), own: frame.status.device, whole: whole.is_some(), areas: &[] }, why_save_href, |line| {
                    // What is shown already leads nowhere else.
                    let page = line.page.as_ref().filter(|page| page.id != view.id)?;
                    let route = Route::of_record(&page.kind, page.id, page.on_page_of);
                    (route != Route::First).then(|| route.href())
                }) }
            </div>
            if let Some(error) = ask.state.error() {
                { why_not(words.history_offline(), words.history_refused(), error) }
            }
            if let Some((label, look)) = button {
                <div class="buttons">
                    <Button {label} {look} busy={ask.state.is_busy()} busy_label={words.history_asking()} on_click={on_ask} />
                </div>
            }
        </>
    }
}

/// Why the server tells nothing now.
fn why_not(offline: &'static str, refused: &'static str, error: &UiError) -> Html {
    match error.code {
        ErrorCode::Unreachable => html! { <Banner tone={Tone::Wait} text={offline} /> },
        ErrorCode::NotAllowed => html! { <Banner tone={Tone::Wait} text={refused} /> },
        _ => html! { <Trouble error={error.clone()} /> },
    }
}
