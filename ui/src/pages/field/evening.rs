//! The end of the day: what has to be settled, handing in until everything is delivered, the receipt, and what was done.

use std::rc::Rc;

use ui_protocol::Topic;
use ui_protocol::evening::{DayLine, DayLog, DayLogView};
use ui_protocol::photos::SendPhotos;
use ui_protocol::session::{SyncNow, SyncStatus};
use ui_protocol::units::ChangeState;
use ui_protocol::{ErrorCode, UiError};
use yew::prelude::*;

use super::half_done::OpenFormList;
use super::notice_slip::print;
use super::route::{Route, why_save_href};
use super::visits::OpenVisitList;
use crate::hooks::{use_call, use_frame, use_submit};
use crate::parts::{
    Banner, Button, Cells, Choices, Fact, Icon, LinkCell, Look, Screen, SelectField, Shape, Tag, Tone, Trouble, answered,
};
use crate::words::{Words, use_words};

/// Exchanges one tap begins: each delivers as much as one run may; a day's work is one or two.
const RUNS_MAX: u32 = 20;

/// The page.
#[component(Evening)]
pub fn evening() -> Html {
    let words = use_words();
    let frame = use_frame();
    let on = use_state(|| None::<String>);
    let asked = use_call(DayLog { on: (*on).clone() }, &[Topic::Sync, Topic::Units, Topic::People, Topic::Attention]);
    let on_change = {
        let on = on.setter();
        Callback::from(move |day: String| on.set(Some(day)))
    };
    html! {
        <Screen title={words.evening_title()} back={Route::Me.href()} thumb={html! { <Button label={words.notice_print()} on_click={print()} /> }}>
            <div class="not-printed">
                <HandingIn />
                <OpenVisitList />
                <OpenFormList />
                <ToSettle />
            </div>
            { answered(&asked, |view| html! {
                <>
                    { receipt(words, view, frame.today(), frame.status.account.as_ref().map(|account| account.name.as_str()).unwrap_or_default(), frame.status.device) }
                    <div class="not-printed">{ days(words, view, frame.today(), on_change.clone()) }</div>
                    { log(words, view, frame.today()) }
                </>
            }) }
        </Screen>
    }
}

/// On the first page, when work was done or the day ends: the way here, with how far it has come.
#[component(EveningCard)]
pub fn evening_card() -> Html {
    let words = use_words();
    let frame = use_frame();
    let sync = &frame.status.sync;
    if !frame.status.evening && sync.saved_today == 0 && sync.waiting == 0 {
        return Html::default();
    }
    let tags = if sync.waiting > 0 {
        html! { <Tag text={words.waiting_count(sync.waiting)} tone={Tone::Wait} /> }
    } else {
        Html::default()
    };
    let note = if frame.status.evening && sync.waiting > 0 { words.evening_time() } else { "" };
    html! {
        <Cells>
            <LinkCell href={Route::Evening.href()} title={words.evening_title()} detail={words.sync_line(sync, frame.today())} {note} {tags} />
        </Cells>
    }
}

/// Everything that waits goes, run after run; then the photos.
#[component(HandingIn)]
fn handing_in() -> Html {
    let words = use_words();
    let frame = use_frame();
    let sync = &frame.status.sync;
    // Runs left, and what waited before the last one: a run that delivered nothing is not repeated.
    let runs = use_mut_ref(|| (0_u32, u64::MAX));
    let again = use_state(|| 0_u32);
    let pressed = use_state(|| false);
    let photos = use_submit::<SendPhotos>(Callback::noop());
    let now = use_submit::<SyncNow>({
        let (runs, again, send_photos) = (runs.clone(), again.clone(), photos.send.clone());
        Callback::from(move |status: SyncStatus| {
            let (left, before) = *runs.borrow();
            let goes_on = status.waiting > 0 && status.waiting < before && left > 0 && status.problem.is_none();
            if goes_on {
                *runs.borrow_mut() = (left - 1, status.waiting);
                again.set(*again + 1);
            } else if status.waiting == 0 && status.photos.waiting > 0 {
                send_photos.emit(SendPhotos {});
            }
        })
    });
    use_effect_with(*again, {
        let send = now.send.clone();
        move |again: &u32| {
            if *again > 0 {
                send.emit(SyncNow {});
            }
        }
    });
    let on_click = {
        let (runs, send, waiting, pressed) = (runs.clone(), now.send.clone(), sync.waiting, pressed.setter());
        Callback::from(move |()| {
            *runs.borrow_mut() = (RUNS_MAX, waiting.max(1) + 1);
            pressed.set(true);
            send.emit(SyncNow {});
        })
    };
    let running = sync.syncing || now.state.is_busy();
    let sending = photos.state.is_busy() || sync.photos.sending;
    let problem = now.state.error().map(|error| error.code).or(sync.problem).filter(|_| !running);
    let (shape, tone, text) = if running {
        (Shape::Sync, Tone::Wait, format!("{} · {}", words.evening_handing_in(), words.waiting_count(sync.waiting)))
    } else if sync.waiting > 0 {
        (Shape::Wait, Tone::Wait, words.waiting_count(sync.waiting))
    } else if sending {
        (Shape::Sync, Tone::Wait, words.evening_photos().to_owned())
    } else if sync.photos.waiting > 0 {
        (Shape::Wait, Tone::Wait, words.photos_waiting(&sync.photos))
    } else {
        (Shape::Good, Tone::Good, words.evening_all_in().to_owned())
    };
    let delivered = sync.waiting == 0 && !running;
    html! {
        <section class="sync" aria-label={words.evening_hand_in()}>
            <p class="sync-line" data-testid="sync-line">
                { for words.sync_line(sync, frame.today()).split_inclusive(" · ").map(|part| html! { <span>{ part.to_owned() }</span> }) }
            </p>
            <p class="sync-state" role="status" data-testid="hand-in">
                <span class={classes!("tag", tone.class())}><Icon {shape} />{ text }</span>
            </p>
            { match problem {
                Some(ErrorCode::Unreachable) => html! { <Banner tone={Tone::Wait} text={words.evening_offline()} /> },
                Some(code) => html! { <Trouble error={UiError { waiting: sync.waiting, ..UiError::of(code) }} /> },
                None if *pressed && delivered && sync.photos.waiting > 0 && !sending => {
                    html! { <Banner tone={Tone::Wait} text={words.evening_photos_left()} /> }
                }
                None if *pressed && !running && sync.waiting > 0 => html! { <Banner tone={Tone::Wait} text={words.evening_some_left()} /> },
                None => Html::default(),
            } }
            if sync.waiting > 0 || sync.photos.waiting > 0 || sync.receipt_unix_ms.is_none() {
                <Button look={Look::Primary} label={words.evening_hand_in()} busy={running || sending} busy_label={words.evening_handing_in()} {on_click} />
            }
        </section>
    }
}

/// Conflicts, refused saves and late work: each a tap away.
#[component(ToSettle)]
fn to_settle() -> Html {
    let words = use_words();
    let frame = use_frame();
    let sync = &frame.status.sync;
    if frame.attention() == 0 && sync.held == 0 {
        return Html::default();
    }
    html! {
        <Cells title={words.evening_settle()}>
            if frame.attention() > 0 {
                <LinkCell href={Route::Attention.href()} title={words.attention_title()} detail={words.attention_count(sync.conflicts_open, sync.refused_open)}
                    tags={html! { <Tag text={frame.attention().to_string()} tone={Tone::Bad} /> }} />
            }
            if sync.held > 0 {
                <div class="weui-cell"><p class="quiet">{ words.held_count(sync.held) }</p></div>
            }
        </Cells>
    }
}

/// The receipt of a day, to read and to print.
fn receipt(words: Words, view: &DayLogView, today: &str, who: &str, device: Option<u32>) -> Html {
    let hand_in = &view.hand_in;
    let some = |count: u64| if count > 0 { count.to_string() } else { String::new() };
    let at = hand_in.receipt_unix_ms.map_or_else(|| words.evening_receipt_none().to_owned(), |at| words.moment(at, today));
    let device = device.map(|device| words.from_device(device, None)).unwrap_or_default();
    html! {
        <article class="paper" data-testid="receipt">
            <h2 class="paper-title">{ words.evening_receipt() }</h2>
            <p class="paper-number">{ words.paper_day(&view.on) }</p>
            <p>{ words.day_counts(&view.counts) }</p>
            <Fact name={words.evening_saved()} value={hand_in.saved.to_string()} />
            <Fact name={words.evening_on_server()} value={hand_in.on_server.to_string()} />
            <Fact name={words.evening_waiting()} value={some(hand_in.waiting)} />
            <Fact name={words.evening_conflicts()} value={some(hand_in.conflicts)} />
            <Fact name={words.evening_refused()} value={some(hand_in.refused)} />
            <Fact name={words.evening_held()} value={some(hand_in.held)} />
            <Fact name={words.evening_receipt_at()} value={at} />
            <Fact name={words.evening_who()} value={format!("{who} {device}").trim().to_owned()} />
        </article>
    }
}

fn days(words: Words, view: &DayLogView, today: &str, on_change: Callback<String>) -> Html {
    if view.days.len() < 2 {
        return Html::default();
    }
    let choices: Choices = view
        .days
        .iter()
        .map(|(day, saves)| (AttrValue::from(day.clone()), AttrValue::from(words.day_with_saves(day, *saves, today))))
        .collect();
    html! {
        <div class="weui-cells"><SelectField id="day" label={words.evening_day()} value={view.on.clone()} {choices} {on_change} /></div>
    }
}

fn log(words: Words, view: &Rc<DayLogView>, today: &str) -> Html {
    if view.lines.is_empty() {
        return html! { <p class="history-none">{ words.evening_nothing() }</p> };
    }
    html! {
        <Cells title={words.evening_log()}>
            <div data-testid="day-log">{ for view.lines.iter().map(|line| row(words, line, today)) }</div>
        </Cells>
    }
}

fn row(words: Words, line: &DayLine, today: &str) -> Html {
    let event = words.day_event(line.event);
    let title = if line.title.is_empty() { event.to_owned() } else { format!("{event} · {}", line.title) };
    let groups: Vec<&str> = line.groups.iter().map(|group| words.group_of(&line.kind, group)).collect();
    let moment = words.moment(line.at_unix_ms, today);
    let detail = if groups.is_empty() { moment } else { format!("{moment} · {}", groups.join(words.pick("、", ", "))) };
    let tone = match line.state {
        ChangeState::Answered => Tone::Good,
        ChangeState::Waiting | ChangeState::Held => Tone::Wait,
        ChangeState::Conflict | ChangeState::Refused => Tone::Bad,
    };
    // What became of a save that did not go through is told by its number.
    let href = match line.state {
        ChangeState::Refused | ChangeState::Held => why_save_href(&line.no),
        _ => Route::of_record(&line.kind, line.record, line.on_page_of).href(),
    };
    html! {
        <LinkCell key={line.no.clone()} {href} {title} {detail} tags={html! { <Tag text={words.change_state(line.state)} {tone} /> }} />
    }
}
