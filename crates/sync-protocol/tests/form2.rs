//! Form 2 says what form 1 says: whatever a message holds, it comes back whole. And what devices of this version send is understood
//! for ever: each file under `tests/wire/0.2` is a message as it was sent. `BLESS=1` writes files that are not there yet.
#![cfg(feature = "codec")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::merge::Refusal;
use domain::place::Scope;
use domain::stored::Stored;
use domain::{
    AccountId, Change, ChangeId, DeviceNumber, Fields, GroupChange, GroupValue, Origin, Record, RecordId, Stamp, TxnId, Verb,
};
use serde_json::{Value, json};
use sync_protocol::codec::{decode_reply, decode_request, encode_reply, encode_request};
use sync_protocol::form2::{self, Question};
use sync_protocol::{
    BODY_BYTES_MAX, ExchangeReply, ExchangeRequest, OwnRecord, PROTOCOL, PushedChange, ScopeReply, ScopeState, Verdict,
};
use uuid::Uuid;

/// Chance that can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
    fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 10];
        bytes.iter_mut().for_each(|byte| *byte = u8::try_from(self.below(256)).expect("below 256"));
        if self.one_in(5) {
            let high = u128::from(self.below(u64::MAX >> 33)) << 64;
            return Uuid::from_u128(high | u128::from(self.below(1 << 30)));
        }
        domain::ids::uuid_v7(1_790_000_000_000 + self.below(1 << 30), bytes)
    }
    fn origin(&mut self) -> Origin {
        let stamp = Stamp::at(1_790_000_000_000 + i64::try_from(self.below(1 << 30)).expect("small"));
        Origin { stamp, device: DeviceNumber(u32::try_from(self.below(4)).expect("small")) }
    }
    fn text(&mut self, ids: &[Uuid]) -> String {
        match self.below(8) {
            0 => String::new(),
            1 => format!("~{}", self.below(100)),
            2 => ids[usize::try_from(self.below(ids.len() as u64)).expect("in range")].to_string(),
            3 => self.uuid().to_string().to_uppercase(),
            4 => "~~t5".to_owned(),
            5 => "\\ ~ 张三 \"".to_owned(),
            _ => self.below(1 << 20).to_string(),
        }
    }
    fn value(&mut self, ids: &[Uuid], depth: u32) -> Value {
        match self.below(if depth > 2 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => json!(self.one_in(2)),
            2 => json!(1_790_000_000_000_i64 + i64::try_from(self.below(1 << 31)).expect("small")),
            3 => json!(-i64::try_from(self.below(1 << 40)).expect("small")),
            4 => json!(self.text(ids)),
            5 => Value::Array((0..self.below(3)).map(|_| self.value(ids, depth + 1)).collect()),
            _ => Value::Object(self.fields(ids, depth + 1)),
        }
    }
    fn fields(&mut self, ids: &[Uuid], depth: u32) -> Fields {
        (0..self.below(4)).map(|name| (format!("f{name}"), self.value(ids, depth))).collect()
    }
}

fn push(dice: &mut Dice) -> Vec<PushedChange> {
    let mut ids: Vec<Uuid> = (0..3).map(|_| dice.uuid()).collect();
    let mut push: Vec<PushedChange> = Vec::new();
    let (mut last, mut seq) = (dice.uuid(), dice.below(100) + 1);
    for _ in 0..dice.below(5) {
        let ms = 1_790_000_000_000 + dice.below(1 << 30);
        let next = |dice: &mut Dice, last: Uuid| {
            if dice.one_in(6) { dice.uuid() } else { domain::ids::uuid_v7_after(last, ms).unwrap_or_else(|| dice.uuid()) }
        };
        last = next(dice, last);
        let txn = last;
        let first = Stamp::at(ms.try_into().expect("small")).as_i64();
        for at in 0..=dice.below(4) {
            let verb = [Verb::Create, Verb::Set, Verb::Delete, Verb::Restore][usize::try_from(dice.below(4)).expect("below 4")];
            let record = if verb == Verb::Create && !dice.one_in(4) {
                last = next(dice, last);
                ids.push(last);
                last
            } else {
                ids[usize::try_from(dice.below(ids.len() as u64)).expect("in range")]
            };
            last = next(dice, last);
            let origin = if dice.one_in(5) {
                dice.origin()
            } else {
                Origin { stamp: Stamp::from_i64(first + i64::try_from(at).expect("small")), device: DeviceNumber(2) }
            };
            let earlier =
                push.iter().rev().find(|earlier| earlier.change.record.0 == record).map(|earlier| earlier.change.origin);
            let groups: BTreeMap<String, GroupChange> = (0..dice.below(4))
                .map(|group| {
                    let base = match dice.below(3) {
                        0 => None,
                        1 => earlier.or(Some(dice.origin())),
                        _ => Some(dice.origin()),
                    };
                    (format!("g{group}"), GroupChange { fields: dice.fields(&ids, 0), base })
                })
                .collect();
            let change = Change {
                id: ChangeId(last),
                txn: TxnId(txn),
                record: RecordId(record),
                kind: ["person", "unit"][usize::try_from(dice.below(2)).expect("below 2")].to_owned(),
                verb,
                schema: 1,
                origin,
                groups,
            };
            push.push(PushedChange { seq, change });
            seq += 1 + if dice.one_in(9) { dice.below(5) } else { 0 };
        }
    }
    push
}

fn request(dice: &mut Dice) -> ExchangeRequest {
    let position = |dice: &mut Dice| (!dice.one_in(3)).then(|| (dice.below(1 << 20), ChangeId(dice.uuid())));
    let acked = position(dice);
    let account = AccountId(dice.uuid());
    let all = [Scope::County, Scope::Area("330822001201".into()), Scope::Account(account), Scope::Owner(account)];
    let scopes = all.into_iter().filter(|_| !dice.one_in(3)).collect::<Vec<_>>();
    ExchangeRequest {
        protocol: PROTOCOL,
        schema: 1,
        device: DeviceNumber(2),
        epoch: ["5f0c2a9be1d34786", "", "first"][usize::try_from(dice.below(3)).expect("below 3")].to_owned(),
        acked,
        newest: if dice.one_in(2) { acked } else { position(dice) },
        device_unix_ms: 1_790_000_000_000,
        records_max: u32::try_from(dice.below(3) * 125).expect("small"),
        scopes: scopes
            .into_iter()
            .map(|scope| ScopeState {
                scope,
                cursor: (!dice.one_in(3)).then(|| format!("{}.0a1b2c3d", dice.below(99))),
                digest: format!("{:016x}", dice.below(1 << 30)),
                count: dice.below(1 << 20),
            })
            .collect(),
        push: push(dice),
        install: ["", "01935a00-0000-7000-8000-000000000001", "pixel-1"][usize::try_from(dice.below(3)).expect("below 3")]
            .to_owned(),
        loading: false,
    }
}

fn groups(dice: &mut Dice, ids: &[Uuid]) -> BTreeMap<String, GroupValue> {
    let mut origin = dice.origin();
    (0..dice.below(4))
        .map(|group| {
            if dice.one_in(2) {
                origin = dice.origin();
            }
            (format!("g{group}"), GroupValue::new(dice.fields(ids, 0), origin))
        })
        .collect()
}

/// Records as they are kept, in each scope of an answer.
fn load(dice: &mut Dice, reply: &mut ExchangeReply) {
    let ids: Vec<Uuid> = (0..4).map(|_| dice.uuid()).collect();
    for scope in &mut reply.scopes {
        for at in 0..dice.below(3) {
            let id = RecordId(ids[usize::try_from(at).expect("below 3")]);
            let kind = ["person", "a \"kind\" of tomorrow"][usize::try_from(dice.below(2)).expect("below 2")];
            let record = Record { groups: groups(dice, &ids), ..Record::empty(kind, id) };
            scope.stored.push(Stored::of(&record).expect("packed"));
        }
    }
}

fn reply(dice: &mut Dice, request: &ExchangeRequest) -> ExchangeReply {
    let ids: Vec<Uuid> = (0..4).map(|_| dice.uuid()).collect();
    let answered = if dice.one_in(4) { 0 } else { request.push.len() };
    let verdict = |dice: &mut Dice| match dice.below(6) {
        0 => Verdict::Merged,
        1 => Verdict::Refused(Refusal::Invalid("due.on".to_owned())),
        2 => Verdict::Held,
        _ => Verdict::Ok,
    };
    let verdicts = request.push[..answered].iter().map(|pushed| (pushed.seq, verdict(dice))).collect();
    let mut scopes = Vec::new();
    for state in &request.scopes {
        let records = (0..dice.below(4))
            .map(|at| Record {
                kind: "person".to_owned(),
                id: RecordId(ids[usize::try_from(at).expect("below 4")]),
                groups: groups(dice, &ids),
                dead: dice.one_in(4).then(|| dice.origin()),
            })
            .collect();
        let mut own = Vec::new();
        for pushed in &request.push {
            if dice.one_in(2) {
                let groups = if dice.one_in(2) { BTreeMap::new() } else { groups(dice, &ids) };
                let gone = if dice.one_in(5) { vec!["document".to_owned()] } else { Vec::new() };
                own.push(OwnRecord { seq: pushed.seq, record: pushed.change.record, groups, gone });
            }
        }
        scopes.push(ScopeReply {
            scope: state.scope.clone(),
            exits: ids.iter().take(usize::try_from(dice.below(3)).expect("small")).copied().map(RecordId).collect(),
            records,
            cursor: format!("{}.{}", dice.below(1 << 20), ["0a1b2c3d", ""][usize::try_from(dice.below(2)).expect("below 2")]),
            digest: format!("{:032x}", dice.below(1 << 30)),
            count: dice.below(1 << 20),
            more: dice.one_in(2),
            own,
            stored: Vec::new(),
        });
    }
    ExchangeReply {
        server_unix_ms: 1_790_000_000_123,
        epoch: if dice.one_in(3) { "another".to_owned() } else { request.epoch.clone() },
        verdicts,
        scopes,
        grants_added: if dice.one_in(3) { vec![Scope::County] } else { Vec::new() },
        grants_dropped: if dice.one_in(3) { vec![Scope::Area("330822001202".into())] } else { Vec::new() },
        upload_token: dice.one_in(3).then(|| "token".to_owned()),
        next_ms: dice.below(2) * 60_000,
        batch_max: 500,
        partial: dice.one_in(4),
    }
}

#[test]
fn whatever_a_message_holds_comes_back_whole() {
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let request = ExchangeRequest { loading: seed % 3 == 0, ..request(&mut dice) };
        let bytes = encode_request(&request).expect("packs").expect("small");
        let (read, question) = decode_request(&bytes).unwrap_or_else(|error| panic!("seed {seed}: {error:?} of {request:?}"));
        assert_eq!(read, request, "seed {seed}");
        let mut reply = reply(&mut dice, &request);
        if request.loading {
            load(&mut dice, &mut reply);
        }
        let bytes = encode_reply(&reply, &question).expect("packs").expect("small");
        let read =
            decode_reply(&bytes, &Question::of(&request)).unwrap_or_else(|error| panic!("seed {seed}: {error:?} of {reply:?}"));
        assert_eq!(read, reply, "seed {seed}");
    }
}

/// Found by fuzzing: everything of it is nothing, and it was written as an empty list that nobody read.
#[test]
fn an_answer_with_nothing_in_it_is_read_too() {
    let request = request(&mut Dice(1));
    let question = Question::of(&request);
    let told = ExchangeReply {
        server_unix_ms: 1_700_000_000_000,
        epoch: request.epoch.clone(),
        verdicts: Vec::new(),
        scopes: Vec::new(),
        grants_added: Vec::new(),
        grants_dropped: Vec::new(),
        upload_token: None,
        next_ms: 0,
        batch_max: 0,
        partial: false,
    };
    let packed = encode_reply(&told, &question).expect("writes").expect("small");
    assert_eq!(decode_reply(&packed, &question).expect("reads"), told);
}

#[test]
fn cut_or_strange_bytes_are_refused_and_break_nothing() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let request = request(&mut dice);
        let mut bytes = encode_request(&request).expect("packs").expect("small");
        for cut in 0..bytes.len().min(100) {
            assert!(decode_request(&bytes[..cut]).is_err(), "seed {seed}, cut at {cut}");
        }
        // Changed bytes may be another message, and must not be a panic.
        for _ in 0..100 {
            let at = usize::try_from(dice.below(bytes.len() as u64)).expect("in range");
            bytes[at] = u8::try_from(dice.below(256)).expect("below 256");
            let _ = decode_request(&bytes);
        }
    }
    assert!(decode_request(&[]).is_err());
    assert!(decode_request(&vec![3; BODY_BYTES_MAX + 1]).is_err());
    for strange in
        ["[2]", "[2,1,2,\"\",0,null,null,[],[1,[],[[5]]]]", "[2,1,2,\"\",0,null,null,[],[1,[],[[\"x\",0,0]]]]", "{}", "[-1]"]
    {
        assert!(form2::read_request(serde_json::from_str(strange).expect("JSON")).is_err(), "{strange}");
    }
}

#[test]
fn what_a_later_version_adds_at_the_end_is_passed_over() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let request = ExchangeRequest { install: "x".to_owned(), ..request(&mut dice) };
        let mut longer = form2::write_request(&request);
        longer.as_array_mut().expect("a list").extend([json!({ "later": 1 }), json!("much later")]);
        assert_eq!(form2::read_request(longer).expect("is read"), request);
    }
}

/// Compares with what was sent in this version, and reads it back.
fn check(name: &str, said: &Value) -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/wire/0.2").join(format!("{name}.json"));
    let text = serde_json::to_string_pretty(said).expect("JSON") + "\n";
    if !file.exists() && std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("makes the folder");
        std::fs::write(&file, &text).expect("writes");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(text, kept, "{name}: devices of this version speak this, so it never changes");
    serde_json::from_str(&kept).expect("JSON")
}

#[test]
fn what_this_version_sends_is_understood_for_ever() {
    // A seed with two saves, conflicts, records and own records in its messages.
    let mut dice = Dice(40);
    let request = request(&mut dice);
    let reply = reply(&mut dice, &request);
    let question = Question::of(&request);
    assert_eq!(form2::read_request(check("request", &form2::write_request(&request))).expect("is read"), request);
    let said = check("reply", &form2::write_reply(&reply, &question));
    assert_eq!(form2::read_reply(said, &[], &question).expect("is read"), reply);
}

#[test]
fn what_follows_a_message_is_as_many_rows_as_it_says() {
    let id = RecordId(Uuid::from_u128(0x0193_5a00_0000_7000_8000_0000_0000_0002));
    let origin = Origin { stamp: Stamp::at(1_772_413_200_000), device: DeviceNumber(17) };
    let fields = serde_json::from_value(json!({ "phone": "19900000001" })).expect("fields");
    let groups = BTreeMap::from([("contact".to_owned(), GroupValue::new(fields, origin))]);
    let stored = Stored::of(&Record { groups, ..Record::empty("person", id) }).expect("packed");
    let mut dice = Dice(40);
    let request = request(&mut dice);
    let question = Question::of(&request);
    let mut reply = reply(&mut dice, &request);
    reply.scopes[0].stored = vec![stored.clone(), stored];
    let (said, mut behind) = (form2::write_reply(&reply, &question), Vec::new());
    form2::write_behind(&reply, &mut behind).expect("written");
    let row = r#"[0,"01935a00-0000-7000-8000-000000000002","gJr5oKoCABE",{"contact":{"phone":"19900000001"}}]"#;
    assert_eq!(String::from_utf8_lossy(&behind), format!("\n[\"person\"]\n{row}\n{row}"), "devices of this version speak this");
    let later = format!("\n[\"person\"]\n{row}\n{},\"later\"]", &row[..row.len() - 1]);
    assert_eq!(form2::read_reply(said.clone(), later.as_bytes(), &question).expect("passed over"), reply);
    for strange in
        ["", "\n[]", &format!("\n[\"person\"]\n{row}"), &format!("\n[\"person\"]\n{row}\n{row}\n{row}"), "\n[\"x\"]\n[1,2]\n[]"]
    {
        assert!(form2::read_reply(said.clone(), strange.as_bytes(), &question).is_err(), "{strange:?}");
    }
}
