//! 两边核对 at the desk: what each device last said it holds of each area, and what came of comparing it.

use ui_protocol::proof::{StationProof, StationProofRow};
use yew::prelude::*;
use yew_router::prelude::*;

use super::app::Officer;
use super::route::{ProofFilter, Route, proof_href};
use crate::hooks::use_call;
use crate::parts::{Empty, SwitchField, Tag, Tone, answered};
use crate::words::{Words, use_words};

/// So much of a check sum tells two apart at a glance; the whole one is the cell's title.
const DIGEST_SHOWN: usize = 8;

/// The table.
#[component(Proof)]
pub fn proof() -> Html {
    let words = use_words();
    let today = use_context::<Officer>().map(|officer| officer.me.today.clone()).unwrap_or_default();
    let navigator = use_navigator();
    let filter: ProofFilter = use_location().and_then(|location| location.query::<ProofFilter>().ok()).unwrap_or_default();
    let asked = use_call(StationProof { device: filter.device.parse().ok() }, &[]);
    let go = Callback::from(move |filter: ProofFilter| {
        if let Some(navigator) = &navigator {
            // A number and two switches, which an address can always hold.
            let _went = navigator.replace_with_query(&Route::Proof, &filter);
        }
    });
    let switch = |with: fn(ProofFilter, String) -> ProofFilter| {
        let (go, filter) = (go.clone(), filter.clone());
        Callback::from(move |on: bool| go.emit(with(filter.clone(), if on { "1" } else { "" }.to_owned())))
    };
    html! {
        <main class="desk-main">
            <h1>{ words.proof_title() }</h1>
            <p class="quiet desk-help">{ words.station_proof_help() }</p>
            { answered(&asked, |reply| {
                if reply.rows.is_empty() {
                    return html! { <Empty title={words.station_proof_empty()} /> };
                }
                let needs_a_look = |row: &&StationProofRow| filter.different != "1" || row.same != Some(true);
                let is_village = |row: &&StationProofRow| {
                    filter.others == "1" || row.same == Some(false) || !["county", "account", "owner"].contains(&row.area.as_str())
                };
                let listed: Vec<&StationProofRow> = reply.rows.iter().filter(is_village).collect();
                let count = |same: Option<bool>| listed.iter().filter(|row| row.same == same).count();
                let rows: Vec<&StationProofRow> = listed.iter().copied().filter(needs_a_look).collect();
                html! {
                    <>
                        <p class="desk-figures" role="status">{ words.station_proof_counts(count(Some(true)), count(Some(false)), count(None)) }</p>
                        <div class="desk-filters">
                            <SwitchField id="different" label={words.station_proof_only_different()} value={filter.different == "1"}
                                on_change={switch(|filter, different| ProofFilter { different, ..filter })} />
                            <SwitchField id="others" label={words.station_proof_others_too()} value={filter.others == "1"}
                                on_change={switch(|filter, others| ProofFilter { others, ..filter })} />
                        </div>
                        if !filter.device.is_empty() {
                            <p class="quiet">
                                { format!("{} {} · ", words.desk_device(), filter.device) }
                                <a class="inline-link" href={proof_href("")}>{ words.station_proof_every_device() }</a>
                            </p>
                        }
                        if rows.is_empty() {
                            <Empty title={words.station_proof_all_same()} />
                        } else {
                            { table(words, &rows, &today) }
                        }
                    </>
                }
            }) }
        </main>
    }
}

fn table(words: Words, rows: &[&StationProofRow], today: &str) -> Html {
    html! {
        <div class="desk-scroll" tabindex="0" role="region" aria-label={words.proof_title()}>
            <table class="desk-table">
                <thead>
                    <tr>
                        <th scope="col" class="figure">{ words.desk_device() }</th>
                        <th scope="col">{ words.desk_device_who() }</th>
                        <th scope="col">{ words.station_proof_scope() }</th>
                        <th scope="col">{ words.station_proof_found() }</th>
                        <th scope="col" class="figure">{ words.station_proof_on_device() }</th>
                        <th scope="col" class="figure">{ words.station_proof_on_server() }</th>
                        <th scope="col">{ words.station_proof_said() }</th>
                        <th scope="col">{ words.station_proof_digest() }</th>
                    </tr>
                </thead>
                <tbody>{ for rows.iter().map(|row| proof_row(words, row, today)) }</tbody>
            </table>
        </div>
    }
}

/// Colour never alone: the tag says it in words, and why there is nothing to compare stands beside it.
fn proof_row(words: Words, row: &StationProofRow, today: &str) -> Html {
    let (text, tone) = match row.same {
        Some(true) => (words.scope_same(), Tone::Good),
        Some(false) => (words.scope_different(), Tone::Bad),
        None => (words.station_proof_never(), Tone::Wait),
    };
    let said = row.said_unix_ms.map_or_else(|| words.desk_device_never().to_owned(), |at| words.moment(at, today));
    let note = match row.same {
        None if row.said_unix_ms.is_some() => words.station_proof_never_help(),
        Some(true) if row.behind => words.station_proof_behind(),
        _ => "",
    };
    html! {
        <tr>
            <td class="figure"><a href={proof_href(&row.device.to_string())} aria-label={format!("{} {}", words.desk_device(), row.device)}>{ row.device }</a></td>
            <td>{ &row.name }</td>
            <th scope="row">{ words.scope_name(&row.area) }</th>
            <td class="desk-found">
                <Tag {text} {tone} />
                { " " }{ words.station_proof_at(row, today) }
                if !note.is_empty() {
                    <p class="quiet">{ note }</p>
                }
            </td>
            <td class="figure">{ row.on_device }</td>
            <td class="figure">{ row.on_server }</td>
            <td>{ said }</td>
            <td><code class="digest" title={row.digest.clone()}>{ row.digest.get(..DIGEST_SHOWN).unwrap_or_default() }</code></td>
        </tr>
    }
}
