//! 暂存: late work at the left, one save at the right beside what the register says; taken in, or left out with a reason.

use domain::text;
use ui_protocol::Topic;
use ui_protocol::held::{HeldCount, HeldPart, HeldRow, HeldView, ListHeld, RejectHeld, TakeHeld, ViewHeld};
use yew::prelude::*;
use yew_router::prelude::*;

use super::app::Officer;
use super::route::{HeldFilter, Route, held_href};
use crate::hooks::{use_asker, use_call, use_notices, use_submit};
use crate::pages::shared;
use crate::parts::{
    Banner, Button, Cells, DateField, Dialog, Empty, Look, NoteField, Said, SwitchField, Tag, Tone, Trouble, answered,
};
use crate::words::{Words, use_words};

/// The longest reason.
const NOTE_MAX: usize = 200;

/// Late work that waits for a decision.
#[component(Held)]
pub fn held() -> Html {
    let words = use_words();
    let today = use_context::<Officer>().map(|officer| officer.me.today.clone()).unwrap_or_default();
    let navigator = use_navigator();
    let filter: HeldFilter = use_location().and_then(|location| location.query::<HeldFilter>().ok()).unwrap_or_default();
    let call = ListHeld {
        device: filter.device.parse().ok(),
        account: None,
        from: filter.from.clone(),
        until: filter.until.clone(),
        decided: filter.decided == "1",
        after: filter.after.parse().ok(),
    };
    let asked = use_call(call, &[Topic::Attention]);
    let go = Callback::from(move |filter: HeldFilter| {
        if let Some(navigator) = &navigator {
            // Plain texts, which an address can always hold.
            let _went = navigator.replace_with_query(&Route::Held, &filter);
        }
    });
    let narrow = |with: fn(HeldFilter, String) -> HeldFilter| {
        let (go, filter) = (go.clone(), HeldFilter { after: String::new(), id: String::new(), ..filter.clone() });
        Callback::from(move |text: String| go.emit(with(filter.clone(), text)))
    };
    html! {
        <main class="desk-main desk-two">
            <section class="desk-list">
                <h1>{ words.held_title() }</h1>
                <p class="quiet">{ words.held_help() }</p>
                <div class="desk-filters">
                    <DateField id="from" label={words.held_from()} value={filter.from.clone()} today={today.clone()}
                        on_change={narrow(|filter, from| HeldFilter { from, ..filter })} />
                    <DateField id="until" label={words.held_until()} value={filter.until.clone()} today={today.clone()}
                        on_change={narrow(|filter, until| HeldFilter { until, ..filter })} />
                    <SwitchField id="decided" label={words.held_decided_too()} value={filter.decided == "1"} on_change={
                        let narrowed = narrow(|filter, decided| HeldFilter { decided, ..filter });
                        move |on: bool| narrowed.emit(if on { "1" } else { "" }.to_owned())
                    } />
                </div>
                if !filter.device.is_empty() {
                    <p class="quiet">
                        { format!("{} {} · ", words.held_device(), filter.device) }
                        <a class="inline-link" href={held_href(&HeldFilter { device: String::new(), ..filter.clone() })}>{ words.held_every_device() }</a>
                    </p>
                }
                { answered(&asked, |page| {
                    if page.rows.is_empty() && page.counts.is_empty() {
                        return html! { <Empty title={words.held_empty()} /> };
                    }
                    html! {
                        <>
                            if page.rows.is_empty() {
                                { counts(words, &page.counts, &today) }
                            } else {
                                <nav class="weui-cells rows" aria-label={words.held_title()}>
                                    { for page.rows.iter().map(|row| held_row(words, row, &filter, &today)) }
                                </nav>
                            }
                            if let Some(next) = page.next {
                                <p><a class="inline-link" href={held_href(&HeldFilter { after: next.to_string(), id: String::new(), ..filter.clone() })}>{ words.held_next_page() }</a></p>
                            }
                        </>
                    }
                }) }
            </section>
            <section class="desk-record" id="record" tabindex="-1" aria-label={words.held_title()}>
                if let Ok(number) = filter.id.parse::<i64>() {
                    <One key={number} {number} today={today.clone()} />
                } else {
                    <Empty title={words.held_choose()} help={words.held_view_noted()} />
                }
            </section>
        </main>
    }
}

/// All an administrator is shown, and whoever narrowed the list to nothing.
fn counts(words: Words, counts: &[HeldCount], today: &str) -> Html {
    html! {
        <>
            <p class="quiet">{ words.held_counts_only() }</p>
            <div class="desk-scroll" tabindex="0" role="region" aria-label={words.held_title()}>
                <table class="desk-table">
                    <thead>
                        <tr>
                            <th scope="col">{ words.desk_area() }</th>
                            <th scope="col" class="figure">{ words.held_saves() }</th>
                            <th scope="col">{ words.held_oldest() }</th>
                        </tr>
                    </thead>
                    <tbody>
                        { for counts.iter().map(|count| html! {
                            <tr>
                                <th scope="row">{ area(words, &count.area_name) }</th>
                                <td class="figure">{ count.saves }</td>
                                <td>{ words.moment(count.oldest_unix_ms, today) }</td>
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
        </>
    }
}

fn area(words: Words, name: &str) -> String {
    if name.is_empty() { words.held_unknown_area().to_owned() } else { name.to_owned() }
}

fn held_row(words: Words, row: &HeldRow, filter: &HeldFilter, today: &str) -> Html {
    let here = filter.id == row.number.to_string();
    let detail = [
        area(words, &row.area_name),
        words.held_why(&row.why).to_owned(),
        words.held_changes(row.changes),
        words.moment(row.received_unix_ms, today),
    ];
    html! {
        <a key={row.number} class={classes!("weui-cell", "row", here.then_some("row-here"))} aria-current={here.then_some("true")}
            href={held_href(&HeldFilter { id: row.number.to_string(), ..filter.clone() })}>
            <span class="weui-cell__bd">
                <span class="row-title">{ words.held_by(&row.name, row.device) }</span>
                <span class="row-detail">{ detail.join(" · ") }</span>
            </span>
            <span class="row-tags"><Tag text={words.held_state(&row.state)} tone={tone(&row.state)} /></span>
        </a>
    }
}

fn tone(state: &str) -> Tone {
    match state {
        "taken" => Tone::Good,
        "rejected" => Tone::Calm,
        _ => Tone::Wait,
    }
}

/// Properties of [`One`].
#[derive(Properties, PartialEq)]
struct OneProps {
    number: i64,
    today: AttrValue,
}

/// One save. Looking is noted down, so it is asked for once and not at every turn.
#[component(One)]
fn one(props: &OneProps) -> Html {
    let words = use_words();
    let asked = use_call(ViewHeld { number: props.number }, &[]);
    let decided = use_state(|| None::<HeldView>);
    let today = &props.today;
    answered(&asked, |view| {
        let view = (*decided).as_ref().unwrap_or(&**view);
        let row = &view.row;
        html! {
            <article>
                <h2 class="card-title">{ words.held_by(&row.name, row.device) }</h2>
                <p class="card-detail">{ format!("{} · {} · {}", area(words, &row.area_name), words.held_why(&row.why), words.moment(row.received_unix_ms, today)) }</p>
                <p class="card-tags"><Tag text={words.held_state(&row.state)} tone={tone(&row.state)} /></p>
                if let Some(at_unix_ms) = row.decided_unix_ms {
                    <p class="quiet">{ words.held_decision(&row.decided_by, &words.moment(at_unix_ms, today), &row.note) }</p>
                }
                if let Some(why) = &view.refused {
                    <Banner tone={Tone::Bad} text={format!("{} · {}", words.held_not_taken(), words.refusal(why))} />
                }
                if view.parts.is_empty() {
                    <p class="quiet">{ words.held_values_gone() }</p>
                }
                { for view.parts.iter().map(|part| held_part(words, part, today)) }
                if view.can_decide {
                    <Decide number={props.number} on_decided={
                        let decided = decided.setter();
                        move |view| decided.set(Some(view))
                    } />
                }
            </article>
        }
    })
}

fn held_part(words: Words, part: &HeldPart, today: &str) -> Html {
    let title = [words.held_verb(part.verb), words.kind(&part.kind), &part.title, &words.moment(part.saved_unix_ms, today)];
    let title = title.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    html! {
        <Cells {title}>
            { for part.groups.iter().map(|group| html! {
                <section class="clash">
                    <h4 class="clash-title">{ words.group(&group.group) }</h4>
                    if group.stands.as_ref() == Some(&group.fields) {
                        <p class="quiet">{ words.held_same() }</p>
                    }
                    <div class="sides">
                        <div class="side">
                            <p class="side-name">{ words.held_would_say() }</p>
                            { shared::values(words, &group.group, &group.fields, today, words.value_empty()) }
                        </div>
                        if let Some(stands) = group.stands.as_ref().filter(|stands| **stands != group.fields) {
                            <div class="side">
                                <p class="side-name">{ words.held_stands() }</p>
                                { shared::values(words, &group.group, stands, today, words.value_empty()) }
                            </div>
                        }
                    </div>
                </section>
            }) }
        </Cells>
    }
}

/// Properties of [`Decide`].
#[derive(Properties, PartialEq)]
struct DecideProps {
    number: i64,
    on_decided: Callback<HeldView>,
}

#[component(Decide)]
fn decide(props: &DecideProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let note = use_state(String::new);
    let tried = use_state(|| false);
    let asking = use_state(|| false);
    let number = props.number;
    let done = {
        let (on_decided, asking) = (props.on_decided.clone(), asking.setter());
        Callback::from(move |view: HeldView| {
            asking.set(false);
            match view.row.state.as_str() {
                "taken" => notices.say(words.held_taken()),
                "rejected" => notices.say(words.held_rejected()),
                _ => {}
            }
            asker.announce(&[Topic::Attention]);
            on_decided.emit(view);
        })
    };
    let take = use_submit::<TakeHeld>(done.clone());
    let reject = use_submit::<RejectHeld>(done);
    let problem = text::require_text(&note, NOTE_MAX).err();
    let said = problem
        .as_ref()
        .filter(|_| *tried)
        .map(|problem| Said { text: words.problem(&domain::form::Problem::Text(problem.clone())).into(), warning: false });
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let onsubmit = {
        let (send, tried, note, good) = (reject.send.clone(), tried.setter(), note.clone(), problem.is_none());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if good {
                send.emit(RejectHeld { number, note: note.trim().to_owned() });
            }
        })
    };
    html! {
        <>
            <section class="desk-decide" aria-label={words.held_take()}>
                <p class="quiet">{ words.held_take_ask() }</p>
                if let Some(error) = take.state.error() {
                    <Trouble error={error.clone()} />
                }
                <Button look={Look::Primary} label={words.held_take()} busy={take.state.is_busy()} on_click={show(true)} />
            </section>
            <form class="desk-decide" {onsubmit} novalidate=true>
                <NoteField id="held_note" label={words.held_reject_note()} value={(*note).clone()} required=true {said} on_change={
                    let note = note.setter();
                    move |text| note.set(text)
                } />
                if let Some(error) = reject.state.error() {
                    <Trouble error={error.clone()} />
                }
                <Button look={Look::Warn} submits=true label={words.held_reject()} busy={reject.state.is_busy()} busy_label={words.saving()} />
            </form>
            if *asking {
                <Dialog title={words.held_take()} text={words.held_take_ask()} confirm={words.held_take()} busy={take.state.is_busy()} on_cancel={show(false)}
                    on_confirm={
                        let send = take.send.clone();
                        move |()| send.emit(TakeHeld { number })
                    } />
            }
        </>
    }
}
