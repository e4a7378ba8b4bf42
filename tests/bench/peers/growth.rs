//! What an exchange costs as the county grows: with nothing new, of one change, and of a day's work of somebody else.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use ui_protocol::people::{ChangeResident, Person};

use crate::measured::{Table, median};
use crate::show;
use workspace_tests::county::{Phone, Server, copy, people, prepare};
use workspace_tests::proxy::{Link, Proxy};

/// Exchanges of each sort: fewer than one device may make in a row.
const NOTHING: usize = 250;
const SINGLE: usize = 100;
const DAY: usize = 100;

/// Residents on the server, from few to many.
///
/// # Errors
/// Where files or programs fail.
pub fn measure(folder: &Path, sizes: &[usize]) -> Result<()> {
    let mut table = Table::new(&[
        "residents",
        "nothing new: median, server CPU, bytes both ways with headers",
        "one change: median",
        "a day of 100 changes pulled: median",
    ]);
    for &residents in sizes {
        println!("{residents} residents");
        let prepared = prepare(&folder.join(format!("prepared-{residents}")), residents, 1)?;
        let place = folder.join("round");
        let _ = std::fs::remove_dir_all(&place);
        for name in ["server", "writer", "reader-0"] {
            copy(&prepared.folder.join(name), &place.join(name))?;
        }
        let server = Server::start(&place.join("server"))?;
        let proxy = Proxy::start(server.address, Link::default())?;
        let open = |name: &str| -> Result<Phone> {
            let phone = Phone::open(&place.join(name), proxy.address, Default::default())?;
            phone.sign_in()?;
            phone.sync()?;
            Ok(phone)
        };
        let (writer, reader) = (open("writer")?, open("reader-0")?);

        reader.exchanges_ms();
        proxy.passed();
        // A first sync has used up what one device may ask for in a row.
        std::thread::sleep(Duration::from_secs(30));
        let before = server.cpu_ms()?;
        for _ in 0..NOTHING {
            reader.sync()?;
        }
        let nothing = reader.exchanges_ms();
        let cpu = (server.cpu_ms()? - before) / nothing.len() as f64;
        let passed = proxy.passed();
        let bytes = (passed.up + passed.down) / nothing.len() as u64;

        let everybody = people(&writer, DAY)?;
        let edit = |number: usize, digit: char| -> Result<()> {
            let id = everybody[number % everybody.len()];
            let mut form = writer.ask(Person { id })?.form;
            form.phone = format!("13{digit}{number:08}");
            writer.ask(ChangeResident { person: id, form, draft: None }).map(|_| ())
        };
        writer.exchanges_ms();
        for number in 0..SINGLE {
            edit(number, '6')?;
            writer.sync()?;
        }
        let single = writer.exchanges_ms();
        reader.sync()?;
        let mut days = Vec::new();
        for day in 0..7 {
            for number in 0..DAY {
                edit(day * DAY + number, '5')?;
            }
            writer.sync()?;
            reader.exchanges_ms();
            reader.sync()?;
            days.push(reader.exchanges_ms().iter().sum());
        }
        table.row(&[
            residents.to_string(),
            format!("{:.2} ms, {cpu:.3} ms, {bytes} B", median(&nothing)),
            format!("{:.2} ms", median(&single)),
            format!("{:.1} ms", median(&days)),
        ]);
    }
    show(folder, "growth", &table)
}
