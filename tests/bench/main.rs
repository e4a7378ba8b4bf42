//! Measures what a coordinator waits for, and what the wire costs. `scripts/bench` runs it; no test depends on a time.
//!
//! Everything is the real thing: server, devices, files, messages through their bytes. Figures are medians and 99th
//! percentiles; machines differ, ratios less so.

#![expect(clippy::print_stdout, reason = "a program whose output is its point")]

mod visits;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use device::Device;
use domain::access::Role;
use domain::codes::VisitPersonResult;
use domain::person::ResidentForm;
use domain::{day, id_document};
use store::device::{Raw, Tuning};
use ui_protocol::Call;
use ui_protocol::people::{ChangeResident, ListPeople, SaveResident};
use ui_protocol::session::Status;
use ui_protocol::units::{ListUnits, Unit};
use ui_protocol::visits::{DropVisit, NoteVisit, Step, Visit};
use workspace_tests::world::{DONG, MORNING_UNIX_MS, PASSWORD};
use workspace_tests::{Actor, World};

const SURNAMES: &[&str] =
    &["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗"];
const GIVEN: &[&str] =
    &["伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "兰", "霞", "平"];
/// What people type, one keystroke after the other.
const QUERIES: &[&str] = &["l", "li", "lix", "王", "王芳", "芳", "zhangw", "zw", "0012", "文峰路12", "文峰路", "138"];

struct Line {
    what: String,
    figure: String,
    wanted: &'static str,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if first.as_deref() == Some("--start") {
        return start(&arguments.next().context("the folder of a device")?);
    }
    if first.as_deref() == Some("--day") {
        return visits::run(arguments.next().as_deref().map_or(Ok(2_000), str::parse).context("how many homes")?);
    }
    let residents: usize = first.as_deref().map_or(Ok(30_000), str::parse).context("how many residents")?;
    let mut lines = Vec::new();
    let world = World::new();
    let mut writer = world.coordinator("wang", DONG);
    writer.restart_with(Tuning { without_disk: true, ..Tuning::default() });

    println!("registering {residents} residents");
    let saves = register(&world, &writer, residents, 4);
    lines.push(line(
        "a save, the last 1,000, synchronous=OFF",
        &times(&saves[saves.len().saturating_sub(1_000)..]),
        "p99 ≤ 10 ms",
    ));

    writer.counted();
    let began = Instant::now();
    writer.sync();
    let (up, down, exchanges) = writer.counted();
    lines.push(line("push of all of it", &format!("{:.1} s, {exchanges} exchanges", began.elapsed().as_secs_f64()), ""));
    lines.push(line("wire, per new resident, up", &format!("{} B", up / residents as u64), ""));
    lines.push(line("wire, per new resident, down to the writer", &format!("{} B", down / residents as u64), ""));

    println!("first sync of a second phone");
    let reader = world.phone_of("wang");
    let (began, busy) = (Instant::now(), processor_time());
    reader.sync();
    let (took, busy) = (began.elapsed(), processor_time().saturating_sub(busy));
    let (_, down, exchanges) = reader.counted();
    reader.expect_same();
    lines.push(line(
        "first sync, in one process, to a searchable phone",
        &format!("{:.2} s, {exchanges} exchanges, {} B a resident", took.as_secs_f64(), down / residents as u64),
        "",
    ));
    floor(&world, &reader, (took, busy), &mut lines)?;

    lines.push(line("a keystroke's search", &times(&search(&reader, 40)), "p99 ≤ 20 ms"));
    doors(&reader, &mut lines);
    edits(&world, &writer, &mut lines);
    while_syncing(&world, &mut lines);
    full_saves(&world, &reader, &mut lines);

    reader.counted();
    reader.sync();
    let (up, down, exchanges) = reader.counted();
    lines.push(line("wire, nothing new (bodies)", &format!("{up} B up, {down} B down, {exchanges} exchange"), ""));

    reader.device().close();
    let dir = reader.dir.clone();
    drop(reader);
    let starts: Vec<Duration> = (0..7).map(|_| started(&dir)).collect::<Result<_>>()?;
    lines.push(line("process start to the first list (with the password check)", &times(&starts), "≤ 500 ms"));

    write_table(&lines, "target/bench.md")
}

fn write_table(lines: &[Line], path: &str) -> Result<()> {
    let mut table = String::from("| what | figure | wanted |\n|---|---|---|\n");
    for Line { what, figure, wanted } in lines {
        table.push_str(&format!("| {what} | {figure} | {wanted} |\n"));
    }
    println!("\n{table}");
    // Rounds of one measurement follow each other in one file; `scripts/bench` begins it anew.
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).context("the table's file")?;
    std::io::Write::write_all(&mut file, table.as_bytes()).context("writing the table")?;
    println!("written to {path}");
    Ok(())
}

fn line(what: &str, figure: &str, wanted: &'static str) -> Line {
    Line { what: what.to_owned(), figure: figure.to_owned(), wanted }
}

fn times(times: &[Duration]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort();
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1_000.0;
    format!("median {:.2} ms, p99 {:.2} ms, n {}", at(0.5), at(0.99), sorted.len())
}

fn name(number: usize) -> String {
    format!(
        "{}{}{}",
        SURNAMES[number % SURNAMES.len()],
        GIVEN[number / SURNAMES.len() % GIVEN.len()],
        GIVEN[number / (SURNAMES.len() * GIVEN.len()) % GIVEN.len()]
    )
}

fn register(world: &World, writer: &Actor, residents: usize, of_a_home: usize) -> Vec<Duration> {
    let mut saves = Vec::with_capacity(residents);
    let mut home = writer.home(DONG, "0号", "13905700099", "");
    // Filled once: what a form asks the device for is not what is measured here.
    let filled = writer.resident_form(home, &name(0), &world.document());
    for number in 0..residents {
        if number % of_a_home == 0 {
            home = writer.home(DONG, &format!("{}号", 1 + number / of_a_home), "13905700099", "");
        }
        let doc_no = world.document();
        let facts = id_document::check(id_document::DocType::Id, &doc_no, day::day_of(MORNING_UNIX_MS)).expect("a valid number");
        let form = ResidentForm {
            unit: Some(home),
            name: name(number),
            doc_no,
            birth: facts.birth.map(|birth| birth.to_string()).unwrap_or_default(),
            sex: facts.sex,
            phone: format!("139{number:08}"),
            ..filled.clone()
        };
        let call = SaveResident { form, although_known: false, returning: None, draft: None };
        let began = Instant::now();
        writer.ask(call);
        saves.push(began.elapsed());
        if number % 5_000 == 4_999 {
            println!("  {}", number + 1);
        }
    }
    saves
}

fn search(actor: &Actor, rounds: usize) -> Vec<Duration> {
    let mut all = Vec::new();
    for _ in 0..rounds {
        for query in QUERIES {
            let ask = ListPeople { query: (*query).to_owned(), after: None };
            let began = Instant::now();
            let page = actor.ask(ask);
            all.push(began.elapsed());
            std::hint::black_box(page);
        }
    }
    all
}

/// Homes opened, and their rosters tapped through: a tap is kept with fsync before it is answered.
fn doors(reader: &Actor, lines: &mut Vec<Line>) {
    let page = reader.ask(ListUnits::default());
    let (mut opened, mut tapped) = (Vec::new(), Vec::new());
    for row in &page.rows {
        let unit = row.id;
        let began = Instant::now();
        std::hint::black_box(reader.ask(Unit { id: unit }));
        opened.push(began.elapsed());
        let people: Vec<_> = reader.ask(Visit { unit }).rooms.into_iter().flat_map(|room| room.people).collect();
        for who in people {
            let step = Step::Answer { person: who.person, result: Some(VisitPersonResult::Here) };
            let began = Instant::now();
            reader.ask(NoteVisit { unit, step });
            tapped.push(began.elapsed());
        }
        reader.ask(DropVisit { unit });
    }
    lines.push(line("opening a home", &times(&opened), "≤ 30 ms"));
    lines.push(line("a tap on the roster, kept, synchronous=FULL", &times(&tapped), "≤ 10 ms beyond fsync"));
}

/// A thousand one-field edits, pushed in batches.
fn edits(world: &World, writer: &Actor, lines: &mut Vec<Line>) {
    let page = writer.ask(ListPeople::default());
    let edits = 1_000;
    for number in 0..edits {
        let person = page.rows[number % page.rows.len()].id;
        let mut form = writer.person(person).form;
        form.phone = format!("138{:08}", number);
        writer.ask(ChangeResident { person, form, draft: None });
        world.time.pass_ms(10);
    }
    writer.counted();
    let began = Instant::now();
    writer.sync();
    let (up, _, exchanges) = writer.counted();
    let figure = format!("{} B up, {:.2} s for {edits}, {exchanges} exchanges", up / edits as u64, began.elapsed().as_secs_f64());
    lines.push(line("wire, per changed field", &figure, ""));
}

/// What this program has used of the processors, where the system tells (Linux).
fn processor_time() -> Duration {
    Duration::from_secs_f64(workspace_tests::county::cpu_ms_of(std::process::id()).unwrap_or_default() / 1_000.0)
}

/// The same rows under the same indexes, by SQLite alone; and what of the file is sync's own.
fn floor(world: &World, reader: &Actor, (took, busy): (Duration, Duration), lines: &mut Vec<Line>) -> Result<()> {
    let parts = reader.device().parts()?;
    for (name, bytes) in &parts.tables {
        println!("  {name}: {:.2} MB", *bytes as f64 / 1e6);
    }
    let rows = Raw::of(reader.device().path())?;
    let mut raw: Vec<(Duration, Duration)> = Vec::new();
    for round in 0..5 {
        let (began, busy) = (Instant::now(), processor_time());
        rows.write(&world.dir.path().join(format!("raw-{round}.db")))?;
        raw.push((began.elapsed(), processor_time().saturating_sub(busy)));
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let (raw, raw_busy): (Vec<_>, Vec<_>) = raw.into_iter().unzip();
    let (raw, raw_busy) = (median(raw), median(raw_busy));
    lines.push(line("the same rows, same indexes, SQLite alone", &format!("{raw:.2} s"), ""));
    lines.push(line("first sync against that", &format!("{:.2}×", took.as_secs_f64() / raw), "≤ 2.5×, aim 1.8×"));
    // Of a machine with other work only this can be compared.
    let busy = busy.as_secs_f64();
    let figure = format!("{busy:.2} s for both sides, {raw_busy:.2} s for SQLite alone");
    lines.push(line("processor time of a first sync", &figure, ""));
    let share = parts.sync_own as f64 / parts.file as f64 * 100.0;
    lines.push(line(
        "the device's file",
        &format!("{:.1} MB, {share:.1} % of it sync's own", parts.file as f64 / 1e6),
        "≤ 10 %, aim 6 %",
    ));
    Ok(())
}

/// Searches while another thread takes pulled pages.
fn while_syncing(world: &World, lines: &mut Vec<Line>) {
    world.account("second", Role::Coordinator, &[DONG], "");
    let fresh = world.phone_of("second");
    let done = AtomicBool::new(false);
    let mut found = Vec::new();
    let mut saves = Vec::new();
    // The same phone that searches is the one that syncs: a first sync fills it while somebody types and saves.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            fresh.sync();
            done.store(true, Ordering::Release);
        });
        while fresh.ask(Status {}).areas.is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let home = fresh.home(DONG, "9999号", "13905700099", "");
        while !done.load(Ordering::Acquire) {
            found.extend(search(&fresh, 1));
            let form = fresh.resident_form(home, "章节", &world.document());
            let call = SaveResident { form, although_known: true, returning: None, draft: None };
            let began = Instant::now();
            fresh.ask(call);
            saves.push(began.elapsed());
        }
    });
    if found.is_empty() {
        println!("the first sync was over before anybody typed");
        return;
    }
    lines.push(line("a keystroke's search while a first sync writes", &times(&found), "p99 ≤ 20 ms"));
    lines.push(line("a save while a first sync writes, synchronous=FULL", &times(&saves), "p99 ≤ 50 ms"));
}

fn full_saves(world: &World, reader: &Actor, lines: &mut Vec<Line>) {
    // From door to door, as on a day of work: nobody registers three hundred people in one home.
    let homes = reader.ask(ListUnits::default()).rows;
    let mut saves = Vec::new();
    for number in 0..300 {
        let home = homes[number % homes.len()].id;
        let form = reader.resident_form(home, &name(number), &world.document());
        let call = SaveResident { form, although_known: false, returning: None, draft: None };
        let began = Instant::now();
        reader.ask(call);
        saves.push(began.elapsed());
    }
    lines.push(line("a save, synchronous=FULL", &times(&saves), ""));
    reader.sync();
}

/// A child process that opens the device, checks the password and answers the first list.
fn started(dir: &std::path::Path) -> Result<Duration> {
    let began = Instant::now();
    let status = std::process::Command::new(std::env::current_exe()?).arg("--start").arg(dir).status()?;
    anyhow::ensure!(status.success(), "the device did not start");
    Ok(began.elapsed())
}

fn start(dir: &str) -> Result<()> {
    let device = Device::open(device::Options::new(dir.into(), World::surroundings_for_a_start()))?;
    let sign_in = ui_protocol::session::SignIn { password: PASSWORD.to_owned() };
    device.handle(sign_in.command()).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let list = device.handle(ListUnits::default().command()).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    anyhow::ensure!(list.reply["rows"].as_array().is_some_and(|rows| !rows.is_empty()), "the list is filled");
    // Closed in order, as a shell does: the next start need not look the whole file over.
    device.close();
    Ok(())
}
