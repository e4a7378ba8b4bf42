//! Both sides hold the same: area by area, what was put right, and a deep check on demand.

use gloo_timers::callback::Interval;
use ui_protocol::Topic;
use ui_protocol::proof::{Checked, DeepCheck, Proof as AskProof, ProofLine, ProofReply};
use yew::prelude::*;

use super::route::Route;
use crate::hooks::{use_call, use_frame, use_submit};
use crate::parts::{Banner, Button, Cells, Empty, Fact, LinkCell, Look, Screen, Tag, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// How often a running check is looked at.
const LOOK_EVERY_MS: u32 = 700;

/// The page.
#[component(Proof)]
pub fn proof() -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(AskProof {}, &[Topic::Sync]);
    let check = use_submit::<DeepCheck>({
        let again = asked.again.clone();
        Callback::from(move |_: ProofReply| again.emit(()))
    });
    let busy = check.state.is_busy();
    use_effect_with(busy, {
        let again = asked.again.clone();
        move |busy| {
            let looking = busy.then(|| Interval::new(LOOK_EVERY_MS, move || again.emit(())));
            move || drop(looking)
        }
    });
    let today = frame.today().to_owned();
    html! {
        <Screen title={words.proof_title()} back={Route::Me.href()}>
            { answered(&asked, |reply| html! {
                <>
                    <Banner tone={Tone::Calm} text={words.proof_help()} />
                    if reply.areas.is_empty() {
                        <Empty title={words.proof_empty()} />
                    } else {
                        <Cells title={reply.compared_unix_ms.map(|at| words.proof_compared(&words.moment(at, &today)))}>
                            { for reply.areas.iter().map(|line| area(words, line)) }
                        </Cells>
                    }
                    { result(words, reply, busy, &today) }
                    if !reply.repairs.is_empty() {
                        <Cells title={words.proof_repairs()}>
                            { for reply.repairs.iter().map(|line| html! {
                                <Fact name={format!("{} · {}", words.scope_name(&line.name), words.moment(line.at_unix_ms, &today))} value={words.proof_repair(line)}>
                                    <Tag text={if line.mended { words.proof_mended() } else { words.proof_unmended() }} tone={if line.mended { Tone::Good } else { Tone::Bad }} />
                                </Fact>
                            }) }
                        </Cells>
                    }
                </>
            }) }
            if let Some(error) = check.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons">
                <Button look={Look::Primary} label={words.proof_deep()} {busy} busy_label={words.proof_deep_busy()} on_click={
                    let send = check.send.clone();
                    move |()| send.emit(DeepCheck {})
                } />
                <p class="quiet">{ words.proof_deep_help() }</p>
            </div>
            <Cells>
                <LinkCell href={Route::Why.href()} title={words.why_title()} />
            </Cells>
        </Screen>
    }
}

/// Colour never alone: the tag says it in words, and what is to be done stands below.
fn area(words: Words, line: &ProofLine) -> Html {
    let (text, tone, todo) = match line.same {
        Some(true) => (words.scope_same(), Tone::Good, ""),
        Some(false) => (words.scope_different(), Tone::Bad, words.proof_mending()),
        None => (words.scope_unknown(), Tone::Wait, words.proof_waiting()),
    };
    html! {
        <Fact name={words.scope_name(&line.name)} value={words.proof_counts(line.here, line.there)}>
            <Tag {text} {tone} />
            if !todo.is_empty() {
                <p class="quiet">{ todo }</p>
            }
        </Fact>
    }
}

fn result(words: Words, reply: &ProofReply, busy: bool, today: &str) -> Html {
    if busy {
        let text = reply
            .checking
            .map_or_else(|| words.proof_deep_busy().to_owned(), |progress| words.proof_progress(progress.done, progress.total));
        return html! { <p class="quiet" role="status">{ text }</p> };
    }
    let Some(checked) = &reply.checked else { return Html::default() };
    let Checked { wrong, same, at_unix_ms, .. } = checked;
    let (text, tone) = match same {
        Some(true) => (words.proof_deep_same(), Tone::Good),
        Some(false) => (words.proof_deep_different(), Tone::Bad),
        None => (words.proof_deep_offline(), Tone::Wait),
    };
    html! {
        <section role="status">
            <Cells title={words.proof_checked(checked, &words.moment(*at_unix_ms, today))}>
                if wrong.is_empty() {
                    <Fact name={words.proof_deep()} value={words.proof_deep_good()} />
                }
                { for wrong.iter().map(|(wrong, count)| html! { <Fact name={words.proof_deep()} value={words.proof_wrong(*wrong, *count)} /> }) }
                <Fact name={words.device_server()}><Tag {text} {tone} /></Fact>
            </Cells>
        </section>
    }
}
