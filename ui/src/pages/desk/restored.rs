//! A restored server: what it means, what came back, and an administrator's word that it is right.

use ui_protocol::Topic;
use ui_protocol::restored::{ConfirmRestore, Restored as AskRestored, RestoredReply};
use yew::prelude::*;

use super::app::Officer;
use super::route::{HeldFilter, Route, held_href};
use crate::hooks::{use_asker, use_call, use_notices, use_submit};
use crate::parts::{Banner, Button, Dialog, Empty, Look, Tag, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// Across every page while nobody has confirmed it.
#[component(RestoredBanner)]
pub fn restored_banner() -> Html {
    let words = use_words();
    let officer = use_context::<Officer>();
    let Some((at, today)) = officer.and_then(|officer| Some((officer.me.restored_unix_ms?, officer.me.today.clone()))) else {
        return Html::default();
    };
    html! {
        <div class="desk-banner">
            <Banner tone={Tone::Wait} text={words.restored_banner(&words.moment(at, &today))}>
                <a class="weui-btn button button-small" href={Route::Restored.href()}>{ words.restored_look() }</a>
            </Banner>
        </div>
    }
}

/// The page.
#[component(Restored)]
pub fn restored() -> Html {
    let words = use_words();
    let today = use_context::<Officer>().map(|officer| officer.me.today.clone()).unwrap_or_default();
    let asked = use_call(AskRestored {}, &[Topic::Session]);
    html! {
        <main class="desk-main">
            <h1>{ words.restored_title() }</h1>
            { answered(&asked, |reply| match reply.at_unix_ms {
                None if !reply.waits => html! { <Empty title={words.restored_never()} help={words.restored_never_help()} /> },
                at => {
                    let at = at.map(|at| words.moment(at, &today)).unwrap_or_default();
                    html! {
                        <>
                            { facts(words, reply, &at) }
                            if reply.waits {
                                <div class="desk-prose">
                                    <p>{ words.restored_means() }</p>
                                    <h2>{ words.restored_check_title() }</h2>
                                    <p>{ words.restored_check() }</p>
                                    <h2>{ words.restored_then_title() }</h2>
                                    <p>{ words.restored_then() }</p>
                                </div>
                                if reply.may_confirm {
                                    <Confirm silent={reply.silent.len()} />
                                } else {
                                    <p class="quiet">{ words.restored_only_admin() }</p>
                                }
                            }
                            { silent(words, reply, &today) }
                        </>
                    }
                }
            }) }
        </main>
    }
}

fn facts(words: Words, reply: &RestoredReply, at: &str) -> Html {
    let heard = reply.devices.saturating_sub(reply.silent.len() as u64);
    let line = |name: &'static str, value: Html| {
        html! { <div class="values-line"><dt>{ name }</dt><dd>{ value }</dd></div> }
    };
    html! {
        <section class="desk-decide desk-wide-names">
            <dl class="values">
                { line(words.restored_at(), html! { <>
                    { at }{ " " }
                    if !reply.waits { <Tag text={words.restored_confirmed()} tone={Tone::Good} /> }
                </> }) }
                { line(words.restored_heard(), html! { words.restored_heard_count(heard, reply.devices) }) }
                { line(words.restored_came_back(), html! { reply.came_back }) }
                { line(words.restored_held(), html! {
                    if reply.held > 0 {
                        <a class="inline-link" href={held_href(&HeldFilter::default())}>{ reply.held }</a>
                    } else {
                        { reply.held }
                    }
                }) }
            </dl>
        </section>
    }
}

fn silent(words: Words, reply: &RestoredReply, today: &str) -> Html {
    if reply.silent.is_empty() {
        return html! { <p class="quiet">{ words.restored_silent_none() }</p> };
    }
    html! {
        <>
            <h2 class="desk-h2">{ words.restored_silent() }</h2>
            <div class="desk-scroll" tabindex="0" role="region" aria-label={words.restored_silent()}>
                <table class="desk-table desk-few">
                    <thead>
                        <tr>
                            <th scope="col" class="figure">{ words.desk_device() }</th>
                            <th scope="col">{ words.desk_device_who() }</th>
                            <th scope="col">{ words.desk_device_seen() }</th>
                        </tr>
                    </thead>
                    <tbody>
                        { for reply.silent.iter().map(|device| html! {
                            <tr>
                                <td class="figure">{ device.device }</td>
                                <th scope="row">{ &device.name }</th>
                                <td>{ device.seen_unix_ms.map_or_else(|| words.desk_device_never().to_owned(), |at| words.moment(at, today)) }</td>
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
        </>
    }
}

/// Properties of [`Confirm`].
#[derive(Properties, PartialEq)]
struct ConfirmProps {
    silent: usize,
}

/// The administrator's word, asked for twice.
#[component(Confirm)]
fn confirm(props: &ConfirmProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let asking = use_state(|| false);
    let submit = use_submit::<ConfirmRestore>({
        let asking = asking.setter();
        Callback::from(move |_| {
            asking.set(false);
            notices.say(words.restored_done());
            asker.announce(&[Topic::Session]);
        })
    });
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    html! {
        <div class="buttons-inline desk-act">
            <Button look={Look::Primary} label={words.restored_confirm()} on_click={show(true)} />
            if *asking {
                <Dialog title={words.restored_confirm()} text={words.restored_ask(props.silent)} confirm={words.confirm()} warn=true
                    busy={submit.state.is_busy()} on_cancel={show(false)} on_confirm={
                        let send = submit.send.clone();
                        move |()| send.emit(ConfirmRestore {})
                    }>
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </div>
    }
}
