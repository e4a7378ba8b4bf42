//! Devices of the station's villages: last contact, version, clock, what waits.

use ui_protocol::desk::{DeviceRow, Devices as AskDevices};
use yew::prelude::*;

use super::app::Officer;
use super::route::{HeldFilter, Route, held_href, proof_href};
use crate::hooks::use_call;
use crate::parts::{Empty, Tag, Tone, answered};
use crate::words::{Words, use_words};

/// A clock this far off is marked.
const CLOCK_MARKED_MS: u64 = 5 * 60 * 1000;

/// The table of devices.
#[component(Devices)]
pub fn devices() -> Html {
    let words = use_words();
    let today = use_context::<Officer>().map(|officer| officer.me.today.clone()).unwrap_or_default();
    let asked = use_call(AskDevices {}, &[]);
    html! {
        <main class="desk-main">
            <div class="desk-head">
                <h1>{ words.desk_devices() }</h1>
                <a class="inline-link" href={Route::Proof.href()}>{ words.proof_title() }</a>
            </div>
            { answered(&asked, |reply| {
                if reply.rows.is_empty() {
                    return html! { <Empty title={words.desk_no_devices()} /> };
                }
                html! {
                    <div class="desk-scroll" tabindex="0" role="region" aria-label={words.desk_devices()}>
                        <table class="desk-table">
                            <thead>
                                <tr>
                                    <th scope="col" class="figure">{ words.desk_device() }</th>
                                    <th scope="col">{ words.desk_device_who() }</th>
                                    <th scope="col">{ words.desk_device_state() }</th>
                                    <th scope="col">{ words.desk_device_seen() }</th>
                                    <th scope="col" class="figure">{ words.desk_device_waiting() }</th>
                                    <th scope="col" class="figure">{ words.desk_device_refused() }</th>
                                    <th scope="col" class="figure">{ words.held_title() }</th>
                                    <th scope="col" class="figure">{ words.desk_device_photos() }</th>
                                    <th scope="col">{ words.desk_device_clock() }</th>
                                    <th scope="col">{ words.desk_device_model() }</th>
                                </tr>
                            </thead>
                            <tbody>{ for reply.rows.iter().map(|row| device_row(words, row, &today)) }</tbody>
                        </table>
                    </div>
                }
            }) }
        </main>
    }
}

fn device_row(words: Words, row: &DeviceRow, today: &str) -> Html {
    let seen = row.seen_unix_ms.map_or_else(|| words.desk_device_never().to_owned(), |at| words.moment(at, today));
    let clock_off = row.clock_ahead_ms.unsigned_abs() >= CLOCK_MARKED_MS;
    html! {
        <tr>
            <td class="figure">
                <a href={proof_href(&row.device.to_string())} aria-label={format!("{} {} · {}", words.desk_device(), row.device, words.proof_title())}>{ row.device }</a>
                if let Some(was) = row.was {
                    <span class="quiet">{ format!(" {}", words.desk_device_was(was, &row.renewed_for)) }</span>
                }
            </td>
            <th scope="row">{ &row.name }</th>
            <td class={classes!((!row.problems.is_empty()).then_some("desk-sentence"))}>
                if row.revoked {
                    <Tag text={words.desk_device_revoked()} tone={Tone::Bad} />
                } else if row.closed {
                    <Tag text={words.desk_device_closed()} tone={Tone::Wait} />
                } else if row.problems.is_empty() {
                    <Tag text={words.desk_device_good()} tone={Tone::Good} />
                } else {
                    <Tag text={words.desk_device_problem()} tone={Tone::Wait} />
                }
                { for row.problems.iter().map(|problem| html! { <p>{ words.device_problem(*problem) }</p> }) }
            </td>
            <td>{ seen }</td>
            <td class="figure">{ row.waiting }</td>
            <td class="figure">{ row.refused }</td>
            <td class="figure">
                if row.held > 0 {
                    <a href={held_href(&HeldFilter { device: row.device.to_string(), ..HeldFilter::default() })}
                        aria-label={format!("{} {}", words.held_title(), row.held)}>{ row.held }</a>
                } else {
                    { row.held }
                }
            </td>
            <td class="figure">{ row.photos_missing }</td>
            <td>
                if clock_off {
                    <Tag text={words.clock_short(row.clock_ahead_ms)} tone={Tone::Wait} />
                } else {
                    { words.clock_short(row.clock_ahead_ms) }
                }
            </td>
            <td>{ words.device_model(&row.model) }<br /><span class="quiet">{ &row.version }</span></td>
        </tr>
    }
}
