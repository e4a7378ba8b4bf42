//! What a station is told about sync: both sides compared, photos, and why something is as it is.

use domain::merge::Refusal;
use ui_protocol::photos::StationPhoto;
use ui_protocol::proof::StationProofRow;
use ui_protocol::why::{StationFact, StationFate, Unsent};

use super::{Words, sentences};

sentences! {
    station_proof_help = "每台设备每次同步都会说自己手上有什么，服务器逐个村社区对照。不一致会自己修正；过了一天还不一致，请本人在“我的”里打开“两边核对”，做一次深度核对。",
        "At every sync a device says what it holds, and the server compares it area by area. A difference puts itself right; if it is still there the next day, its person opens Both sides compared under Me and runs a deep check.";
    station_proof_empty = "还没有设备可以核对", "There is no device to compare yet";
    station_proof_all_same = "没有不一致的", "Nothing differs";
    station_proof_only_different = "只看要留意的", "Only what needs a look";
    station_proof_others_too = "公用的和发给本人的也列出", "Shared and addressed ones too";
    station_proof_scope = "范围", "Area";
    station_proof_on_device = "设备上", "On the device";
    station_proof_on_server = "服务器上", "On the server";
    station_proof_digest = "校验值", "Check sum";
    station_proof_said = "设备最近说的时间", "The device last said";
    station_proof_found = "核对结果", "Compared";
    station_proof_never = "没核对过", "Not compared";
    station_proof_behind = "之后服务器又有新内容，下次同步会取", "The server has had news since; the next sync fetches it";
    station_proof_never_help = "还没有收完，收完再对照", "It has not fetched everything yet";
    station_proof_every_device = "全部设备", "Every device";
    station_photo_missing = "原图未到", "Not here yet";
    station_photo_small_missing = "缩略图未到", "Small version not here yet";
    station_photo_noted = "看原图会记入审计。", "That you looked at a whole photo is noted.";
    station_why_save = "查一次保存", "What became of a save";
    station_why_save_help = "请对方报手机上的保存编号，在“经过”里，或者“我的 → 为什么 → 我改的内容怎么样了”里。",
        "Ask for the number of the save: on the phone it stands under History, and under Me, Why, What became of my edits.";
    station_why_number_missing = "请填写保存编号，八位字母或数字", "Type the number of the save: eight letters and digits";
    station_why_number_wrong = "不是保存编号，应该是八位字母或数字，中间可以有横线", "This is no number of a save: eight letters and digits, with or without a dash";
    station_why_ask = "查一下", "Look it up";
    station_why_none = "服务器上没有这次保存", "No such save on the server";
    station_why_none_help = "可能还在手机上没有传上来，也可能编号报错了，或者是别的派出所的。", "It may still wait on its phone, the number may be wrong, or it is another station's.";
    station_why_person = "找不到某个人", "Somebody is missing";
    station_why_person_help = "写全姓名、完整证件号码或者记录编号。写完整证件号码时，本辖区没有就在全县查，查询会记入日志。",
        "A name, a whole document number, or the number of a record. A whole document number that is not found here is looked up in the county, and that is noted.";
    station_why_person_missing = "请填写姓名或证件号码", "Type a name or a document number";
    station_why_unsent = "这些设备还有内容没有传上来，可能在里面", "These devices have work that did not arrive; it may be among it";
    station_why_go = "去看看", "Have a look";
    station_fate_ok = "已进登记", "In the register";
    station_fate_merged = "和别人的改动冲突，两边都留着", "Met another value; both are kept";
    station_fact_never = "登记里没有这个人", "Nobody like that is in the register";
    station_fact_never_county = "全县都没有这个号码的登记", "Nobody in the county is registered with this number";
    save_number = "编号", "No.";
}

impl Words {
    /// How many comparisons came out how.
    pub fn station_proof_counts(self, same: usize, different: usize, never: usize) -> String {
        self.pick(
            format!("一致 {same}，不一致 {different}，没核对过 {never}"),
            format!("{same} the same, {different} different, {never} not compared"),
        )
    }

    /// When somebody compared, beside what came of it.
    pub fn station_proof_at(self, row: &StationProofRow, today: &str) -> String {
        row.compared_unix_ms.map(|at| self.moment(at, today)).unwrap_or_default()
    }

    /// From whom a photo is, and since when it is awaited.
    pub fn station_photo_by(self, photo: &StationPhoto, today: &str) -> String {
        let (by, moment) = (&photo.by, self.moment(photo.added_unix_ms, today));
        let by = if by.is_empty() { self.who(&photo.device.to_string()) } else { by.clone() };
        self.pick(format!("{by}，{moment}"), format!("{by}, {moment}"))
    }

    /// What is missing of a photo, whose phone has it, and since when.
    pub fn station_photo_awaited(self, photo: &StationPhoto, today: &str) -> String {
        let from = self.station_photo_by(photo, today);
        let device = photo.device;
        self.pick(
            format!("{from} 加的，原图还在设备 {device} 上等上传"),
            format!("Added by {from}; the photo itself still waits on device {device}"),
        )
    }

    /// A device with work that did not arrive.
    pub fn station_unsent(self, unsent: &Unsent, today: &str) -> String {
        let Unsent { device, name, waiting, seen_unix_ms } = unsent;
        let seen = seen_unix_ms.map_or_else(|| self.desk_device_never().to_owned(), |at| self.moment(at, today));
        self.pick(
            format!("{name} · 设备 {device} · 待上传 {waiting} · 最近联系 {seen}"),
            format!("{name} · device {device} · {waiting} waiting · last contact {seen}"),
        )
    }

    /// Who saved something, on which device, when it was saved and when it arrived.
    pub fn station_save_by(self, by: &str, device: u32, saved: &str, received: &str) -> String {
        self.pick(
            format!("{by} · 设备 {device} · {saved} 保存 · {received} 收到"),
            format!("{by} · device {device} · saved {saved} · arrived {received}"),
        )
    }

    /// What became of a change, at the station.
    pub fn station_fate(self, fate: &StationFate) -> String {
        match fate {
            StationFate::Ok => self.station_fate_ok().to_owned(),
            StationFate::Merged => self.station_fate_merged().to_owned(),
            StationFate::Refused { why } => {
                let why = self.station_refusal(why);
                self.pick(format!("没被接收：{why}"), format!("Refused: {why}"))
            }
            StationFate::Held { state, .. } => format!("{} · {}", self.held_title(), self.held_state(state)),
        }
    }

    /// Why a save was refused, as somebody else than its author is told.
    pub fn station_refusal(self, why: &Refusal) -> String {
        let (chinese, english) = match why {
            Refusal::Role(_) => ("这个账号不能改这一项", "this account may not write it"),
            Refusal::Scope => ("当时这条记录已经不归他的村管", "the record was outside their villages by then"),
            Refusal::SetOnce(_) => {
                ("这一项只能写一次，登记里已有别的内容", "it is written once, and something else stands there")
            }
            Refusal::UnknownRecord => ("登记里没有这条记录，可能已被撤销", "the register does not know this record"),
            Refusal::BuildsOnRefused => ("前面一次保存没被接收", "an earlier save was refused"),
            Refusal::WithItsSave => ("同一次保存里有别的内容没被接收", "another part of the same save was refused"),
            Refusal::OtherKind => ("编号被别的记录用了", "its number belongs to another record"),
            Refusal::Invalid(_) => ("内容不合要求", "the value is not acceptable"),
            Refusal::FactIsFinal => ("上门记录不能改", "what was seen at a visit is not changed"),
        };
        self.pick(chinese, english).to_owned()
    }

    /// Where somebody is, as the station is told.
    pub fn station_fact(self, fact: &StationFact, county: bool, today: &str) -> String {
        let at = |unix_ms: i64| self.moment(unix_ms, today);
        match fact {
            StationFact::Here { title, area_name, .. } => {
                self.pick(format!("{title}，在{area_name}"), format!("{title}, in {area_name}"))
            }
            StationFact::TakenBack { title, at_unix_ms, by } => {
                let (by, moment) = (self.who(by), at(*at_unix_ms));
                self.pick(
                    format!("{title}作为误录撤销了，{by}，{moment}"),
                    format!("{title} was taken back as a mistake by {by}, {moment}"),
                )
            }
            StationFact::Held { number, area_name } => {
                let area = if area_name.is_empty() { self.held_unknown_area() } else { area_name };
                self.pick(
                    format!("在暂存第 {number} 条里，{area}，还没有决定"),
                    format!("In held save {number} ({area}), not decided yet"),
                )
            }
            StationFact::Left { area_name, at_unix_ms } => {
                let moment = at(*at_unix_ms);
                self.pick(
                    format!("{moment} 离开了{area_name}，已经不在本辖区"),
                    format!("Left {area_name}, {moment}; no longer in this station's villages"),
                )
            }
            StationFact::Elsewhere { village, township, coordinators } => {
                let whom = coordinators.iter().map(|(name, phone)| format!("{name} {phone}").trim().to_owned());
                let whom = whom.collect::<Vec<_>>().join(self.pick("、", ", "));
                let whom = if whom.is_empty() {
                    whom
                } else {
                    self.pick(format!("，协管员 {whom}"), format!(", coordinator {whom}"))
                };
                self.pick(format!("登记在{township}{village}{whom}"), format!("Registered in {township} {village}{whom}"))
            }
            StationFact::Refused { no, why } => {
                let why = self.station_refusal(why);
                self.pick(format!("登记时没被接收（编号 {no}）：{why}"), format!("Registering was refused (no. {no}): {why}"))
            }
            StationFact::Never if county => self.station_fact_never_county().to_owned(),
            StationFact::Never => self.station_fact_never().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_fate_fact_and_refusal_is_said() {
        let refusals = [
            Refusal::Role(String::new()),
            Refusal::Scope,
            Refusal::SetOnce(String::new()),
            Refusal::UnknownRecord,
            Refusal::BuildsOnRefused,
            Refusal::WithItsSave,
            Refusal::OtherKind,
            Refusal::Invalid(String::new()),
            Refusal::FactIsFinal,
        ];
        let mut fates = vec![
            StationFate::Ok,
            StationFate::Merged,
            StationFate::Held { number: 3, state: "open".to_owned() },
            StationFate::Held { number: 3, state: "rejected".to_owned() },
        ];
        fates.extend(refusals.into_iter().map(|why| StationFate::Refused { why }));
        let at_unix_ms = 1_795_428_240_000;
        let facts = [
            StationFact::Held { number: 4, area_name: String::new() },
            StationFact::TakenBack { title: String::new(), at_unix_ms, by: "7".to_owned() },
            StationFact::Left { area_name: String::new(), at_unix_ms },
            StationFact::Never,
        ];
        let unsent = Unsent { device: 7, name: String::new(), waiting: 3, seen_unix_ms: None };
        let photo = StationPhoto {
            id: uuid::Uuid::from_u128(7).to_string().parse().expect("an id"),
            note: String::new(),
            taken_on: None,
            added_unix_ms: at_unix_ms,
            device: 7,
            by: String::new(),
            small_here: false,
            whole_here: false,
        };
        for words in BOTH {
            for fate in &fates {
                assert_spoken(words, &words.station_fate(fate), &format!("{fate:?}"));
            }
            for fact in &facts {
                for county in [false, true] {
                    assert_spoken(words, &words.station_fact(fact, county, "2026-11-23"), &format!("{fact:?}"));
                }
            }
            assert_spoken(words, &words.station_unsent(&unsent, "2026-11-23"), "unsent");
            assert_spoken(words, &words.station_photo_awaited(&photo, "2026-11-23"), "a photo");
            assert_spoken(words, &words.station_proof_counts(1, 2, 3), "counts");
            assert_spoken(words, &words.station_save_by("", 7, "11-23", "11-23"), "a save");
        }
    }
}
