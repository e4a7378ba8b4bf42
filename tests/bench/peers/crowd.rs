//! Sixty devices come home at once with a day's work, while a new one fills itself.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use domain::RecordId;
use ui_protocol::people::{ChangeResident, Person};

use crate::measured::{Table, share};
use crate::show;
use workspace_tests::county::{Phone, Server, copy, people, prepare};

/// Changes of one device in a day.
const CHANGES: usize = 100;

/// Devices and rounds.
///
/// # Errors
/// Where files or programs fail; when anything is refused.
pub fn measure(folder: &Path, devices: usize, rounds: usize) -> Result<()> {
    let prepared = prepare(&folder.join(format!("crowd-{devices}")), 3_000, devices + rounds.max(1))?;
    let place = folder.join("round");
    let _ = std::fs::remove_dir_all(&place);
    copy(&prepared.folder, &place)?;
    let server = Server::start(&place.join("server"))?;
    let open = |name: String| -> Result<Phone> {
        let phone = Phone::open(&place.join(name), server.address, Default::default())?;
        phone.sign_in()?;
        Ok(phone)
    };
    let writer = open("writer".to_owned())?;
    writer.sync()?;
    let everybody = people(&writer, devices * CHANGES)?;
    println!("filling {devices} devices");
    let phones: Vec<Phone> = (0..devices).map(|number| open(format!("reader-{number}"))).collect::<Result<_>>()?;
    for phone in &phones {
        phone.sync()?;
    }
    for phone in &phones {
        phone.exchanges_ms();
    }
    let refused = Mutex::new(0);
    let mut first_syncs = Vec::new();
    for round in 0..rounds {
        for (phone, own) in phones.iter().zip(everybody.chunks(CHANGES)) {
            work(phone, own, round)?;
        }
        let fresh = open(format!("reader-{}", devices + round))?;
        let filled = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let filling = scope.spawn(|| {
                let began = Instant::now();
                let answer = fresh.sync();
                filled.store(true, Ordering::Release);
                answer.map(|()| began.elapsed())
            });
            for phone in &phones {
                scope.spawn(|| {
                    if let Err(error) = phone.sync() {
                        println!("refused: {error}");
                        *refused.lock().expect("nobody panics holding it") += 1;
                    }
                });
            }
            first_syncs.push(filling.join().expect("no panic").context("the first sync beside them")?);
            anyhow::Ok(())
        })?;
    }
    let times: Vec<f64> = phones.iter().flat_map(Phone::exchanges_ms).collect();
    let first: Vec<f64> = first_syncs.iter().map(|time: &Duration| time.as_secs_f64()).collect();
    let mut table = Table::new(&["what", "figure"]);
    table.row(&["devices, changes at once, rounds".to_owned(), format!("{devices}, {}, {rounds}", devices * CHANGES)]);
    table.row(&["an exchange, median".to_owned(), format!("{:.0} ms", share(&times, 0.5))]);
    table.row(&["an exchange, p99".to_owned(), format!("{:.0} ms", share(&times, 0.99))]);
    table.row(&["runs that were refused".to_owned(), refused.into_inner().expect("nobody panics holding it").to_string()]);
    table.row(&["a first sync of 3,000 residents beside them, median".to_owned(), format!("{:.2} s", share(&first, 0.5))]);
    show(folder, "crowd", &table)
}

/// A day at the door: one phone number after the other.
fn work(phone: &Phone, own: &[RecordId], round: usize) -> Result<()> {
    for (number, person) in own.iter().enumerate() {
        let mut form = phone.ask(Person { id: *person })?.form;
        form.phone = format!("137{:08}", round * CHANGES + number);
        phone.ask(ChangeResident { person: *person, form, draft: None })?;
    }
    Ok(())
}
