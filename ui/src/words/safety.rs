//! Safety checks, hazards, grades, letters.

use domain::checklist::{Group, Item};
use domain::grade::{Answer as GradeAnswer, Grade, Reason, Wanted};
use domain::inspection::RoomFound;
use domain::letter_text::Clause;
use domain::occupancy::{Finding, Limits};
use ui_protocol::safety::{CheckRow, HazardRow, LetterStanding};

use super::{Words, sentences};

sentences! {
    safety_title = "安全", "Safety";
    safety_check = "安全检查", "Safety check";
    safety_next_due = "下次上门期限", "Look again by";
    safety_reasons = "分级原因", "Why this grade";
    safety_no_reason = "没有未整改的隐患，九十天内没有迟报", "Nothing open, and no late report in ninety days";
    safety_barred = "有重大隐患没有整改，整改好之前不能出租", "A grave hazard is open: not to be let until it is mended";
    safety_hazards = "隐患", "Hazards";
    safety_hazards_none = "没有未整改的隐患", "No open hazard";
    safety_hazards_done = "已经处理的隐患", "Hazards that are dealt with";
    safety_checks = "检查记录", "Checks";
    safety_checks_none = "还没有检查过", "Not checked yet";
    safety_home_only = "分级只看房屋，不看住的是谁", "The grade is about the home, never about who lives there";
    grade_wanted = "建议的分级", "Proposed grade";
    grade_propose = "建议调整分级", "Propose another grade";
    grade_propose_ask = "看到的和系统算的不一样，写明原因报派出所；定不定由派出所决定。", "What you saw differs from what is computed: say why. The station decides.";
    grade_propose_why = "为什么", "Why";
    grade_propose_send = "报派出所", "Send it to the station";
    grade_proposed = "已报派出所", "Sent to the station";
    grade_waits = "等派出所决定", "The station has not decided yet";
    grade_take = "按建议定级", "Set it as proposed";
    grade_refuse = "不采纳", "Not as proposed";
    grade_refuse_why = "不采纳的理由（建议人会看到）", "Why not (whoever proposed it reads this)";
    desk_safety_help = "没销号的隐患和协管员建议的分级，按轻重缓急排。", "Open hazards and proposed grades, the gravest and most urgent first.";
    desk_calls = "走访和检查", "Visits and checks";
    desk_hazard_do = "复查、移交", "Look again, hand over";
    safety_mine = "本机", "This phone";

    check_title = "安全检查", "Safety check";
    check_about = "一项点一下；没点的算没查。", "One tap for each item; what is not tapped was not checked.";
    check_all_pass = "其余全部合格", "All the rest in order";
    check_rooms = "房间和人数", "Rooms and people";
    check_rooms_help = "量一次面积，以后会自动带出；人数按登记的填好，可以改。", "Measure once; next time it is filled in. People are counted from the register and can be changed.";
    check_usable = "使用面积（平方米）", "Usable square metres";
    check_people = "住几个人", "How many sleep there";
    check_family = "是一家人", "One family";
    check_computed = "按房间自动算", "Computed from the rooms";
    check_was_open = "上次查出，还没销号", "Found before, still open";
    check_hazard = "开出隐患", "Open a hazard";
    check_outcome = "怎么处理", "What becomes of it";
    check_description = "具体情况（选填）", "What is the matter (optional)";
    check_description_hint = "只写物品和位置，不写人", "Only the object and where it is; nobody's name";
    check_responsible = "谁整改", "Who mends it";
    check_handed_to = "移交给", "Handed to";
    check_note = "备注（选填）", "Note (optional)";
    check_note_was = "备注", "Note";
    check_read = "这次检查的每一项", "Every item of this check";
    check_found = "查出的隐患", "What it found";
    check_found_mended = "查到已改好的隐患", "What it found mended";
    check_save = "保存检查", "Save the check";
    check_saved = "检查已保存", "The check is saved";
    check_restored = "接着上次没查完的", "Going on where you left off";
    check_restart = "重新开始", "Begin again";
    check_nothing = "还没有点任何一项", "Nothing was tapped yet";
    outcome_noticed = "限期整改", "Mend by a day";
    outcome_fixed = "当场改好", "Mended now";
    outcome_handed = "移交", "Hand over";
    outcome_handed_same_day = "当天整改并移交", "Mend today, and hand over";
    hazard_wants_hand_over = "重大隐患：要求当天整改，同时移交消防、住建或者乡镇。", "Grave: to be mended the same day, and handed to the fire service, the housing office or the township as well.";
    finding_pass = "达标", "Enough";
    finding_area_fail = "面积不够", "Too small";
    finding_heads_fail = "人数超了", "Too many people";
    finding_family = "一家人，人数不限", "One family: no limit";
    finding_empty = "没人住", "Nobody sleeps there";
    finding_not_measured = "没量面积", "Not measured";

    hazard_title = "隐患", "Hazard";
    hazard_seen_on = "发现日期", "Found on";
    hazard_due = "整改期限", "To be mended by";
    hazard_photo_first = "拍一张隐患的照片，复查时好对照。", "Take a picture of it, to compare at the re-check.";
    hazard_recheck = "复查", "Re-check";
    hazard_recheck_ask = "现在看到的情况？", "What do you see now?";
    hazard_fixed = "已改好，销号", "Mended: close it";
    hazard_not_fixed = "没改好，重新限期", "Not mended: another day";
    hazard_not_fixed_handed = "没改好，记一次", "Not mended: note it";
    hazard_note = "备注（选填）", "Note (optional)";
    hazard_hand_over = "移交", "Hand over";
    hazard_hand_over_ask = "移交给谁处理？", "Who takes it over?";
    hazard_closed_now = "已销号", "Closed";
    hazard_kept_open = "已记下，隐患还在", "Noted: the hazard stays open";
    hazard_handed_now = "已移交", "Handed over";
    hazard_rechecks = "复查记录", "Re-checks";
    hazard_was_fixed = "已改好", "Mended";
    hazard_was_not = "没改好", "Not mended";
    hazard_home = "所在房屋", "The home";
    hazard_notice = "整改通知", "Notice";

    notice_slip_title = "隐患整改通知", "Notice: hazards to be mended";
    notice_number = "编号", "Number";
    notice_home = "房屋地址", "Address";
    notice_plate = "房屋编号", "Home's number";
    notice_checked_on = "检查日期", "Checked on";
    notice_intro = "经上门检查，这处出租房屋有下列安全隐患，请按期限整改，到期复查。", "At a visit these hazards were found in this rental home. Mend them by the day named; somebody will look again.";
    notice_foot = "改好以后告诉协管员，可以提前复查。重大隐患改好之前不得出租。", "Tell the coordinator when it is done: it can be looked at sooner. A grave hazard must be mended before letting.";
    notice_signed = "房东（签收）", "Landlord (received)";
    notice_station = "检查人", "Checked by";
    notice_print = "打印", "Print";
    notice_none = "这次检查没有查出隐患", "This check found nothing";
    notice_pictures = "给隐患拍照（只拍物品，不拍人）", "Pictures of the hazards (of objects, never of people)";
    notice_found_again = "以前查出过，这次还没改好", "Found before, and still not mended";
    notice_mend_by = "整改期限", "Mend by";

    letter_title = "治安责任书", "Letter of responsibility";
    letter_sign_title = "签订责任书", "Sign the letter";
    letter_signer = "签订人", "Signed by";
    letter_signed_on = "签订日期", "Signed on";
    letter_valid_to = "有效期至", "Valid to";
    letter_sign_here = "请房东在框里签名", "The landlord signs in the box";
    letter_pad = "签名区，用手指或笔写名字", "Signature: write the name with a finger or a pen";
    letter_pad_empty = "还没有签名", "Not signed yet";
    letter_pad_drawn = "已经写了字", "Something is drawn";
    letter_wipe = "擦掉重签", "Wipe it";
    letter_submit = "签好，保存", "Signed: save";
    letter_saved = "责任书已保存", "The letter is saved";
    letter_again = "重新签订", "Sign another";
    letter_past = "以前签的", "Signed before";
    letter_signature = "签名", "Signature";
    letter_unknown = "这份责任书的条文还没有同步到本机", "The wording of this letter has not reached this phone yet";
    letter_version = "条文版本", "Wording";
    letter_expired_mark = "已过期", "Expired";
    letter_party = "出租房屋", "Rental home";
}

impl Words {
    /// The grade of a home.
    pub fn grade_name(self, grade: Grade) -> &'static str {
        match grade {
            Grade::Green => self.pick("绿色 · 放心", "Green · fine"),
            Grade::Yellow => self.pick("黄色 · 一般", "Yellow · to watch"),
            Grade::Red => self.pick("红色 · 重点", "Red · first of all"),
        }
    }

    /// The grade in a list.
    pub fn grade_short(self, grade: Grade) -> &'static str {
        match grade {
            Grade::Green => self.pick("绿", "Green"),
            Grade::Yellow => self.pick("黄", "Yellow"),
            Grade::Red => self.pick("红", "Red"),
        }
    }

    /// Who proposed which grade, when and why.
    pub fn grade_wanted_by(self, by: &str, wanted: &Wanted, today: &str) -> String {
        let (on, reason) = (self.day(&wanted.on, today), &wanted.reason);
        self.pick(format!("{by} {on}建议：{reason}"), format!("Proposed by {by}, {on}: {reason}"))
    }

    /// The same without a name.
    pub fn grade_wanted_line(self, wanted: &Wanted, today: &str) -> String {
        let (grade, on, reason) = (self.grade_name(wanted.grade), self.day(&wanted.on, today), &wanted.reason);
        self.pick(format!("{on}建议定为{grade}：{reason}"), format!("Proposed {on}: {grade}. {reason}"))
    }

    /// A proposal in a list.
    pub fn grade_wanted_short(self, grade: Grade) -> String {
        let grade = self.grade_short(grade);
        self.pick(format!("建议{grade}"), format!("Proposed: {grade}"))
    }

    /// What the station said about a proposed grade.
    pub fn grade_answered(self, answer: &GradeAnswer, today: &str) -> String {
        let (who, on, reason) = (&answer.reviewer, self.day(&answer.on, today), &answer.reason);
        if answer.taken {
            return self.pick(format!("派出所 {who} {on}已按建议定级"), format!("Set as proposed by {who} of the station, {on}"));
        }
        self.pick(
            format!("派出所 {who} {on}没有采纳：{reason}"),
            format!("Not as proposed, {who} of the station, {on}: {reason}"),
        )
    }

    /// By when something is mended, in a tag.
    pub fn desk_mend_by(self, on: &str, today: &str) -> String {
        let on = self.plain_day(on, today);
        self.pick(format!("{on}前整改"), format!("Mend by {on}"))
    }

    /// How many hazards are open in a home.
    pub fn desk_open_hazards(self, open: u64) -> String {
        self.pick(format!("没销号的隐患 {open} 项"), format!("{open} open"))
    }

    /// What a check found, in a line.
    pub fn desk_check_failed(self, failed: u64) -> String {
        match failed {
            0 => self.pick("都合格".to_owned(), "all in order".to_owned()),
            failed => self.pick(format!("{failed} 项不合格"), format!("{failed} not in order")),
        }
    }

    /// How grave a hazard is.
    pub fn severity(self, severity: u8) -> &'static str {
        match severity {
            3.. => self.pick("重大", "Grave"),
            2 => self.pick("一般", "To mend"),
            _ => self.pick("建议", "Advice"),
        }
    }

    /// Why a home is not green.
    pub fn grade_reason(self, reason: &Reason, today: &str) -> String {
        match reason {
            Reason::Hazard { item, severity, since } => {
                let (what, since) = (self.item_named(Item::from_code(item)), self.day(since, today));
                let severity = self.severity(*severity);
                self.pick(format!("{severity}：{what}（{since}发现）"), format!("{severity}: {what} (found {since})"))
            }
            Reason::LateReport { due_on } => {
                let on = self.day(due_on, today);
                self.pick(format!("报送迟了（应在{on}前）"), format!("A report came late (due {on})"))
            }
        }
    }

    /// Who set the grade, and why.
    pub fn grade_set_by(self, reviewer: &str, on: &str, reason: &str, today: &str) -> String {
        let on = self.day(on, today);
        self.pick(format!("派出所 {reviewer} {on}定：{reason}"), format!("Set by {reviewer} of the station, {on}: {reason}"))
    }

    /// An item of the list; one of a newer version's has no words here.
    pub fn item_named(self, item: Option<Item>) -> &'static str {
        match item {
            Some(item) => self.label(item),
            None => self.pick("其他检查项", "Another item"),
        }
    }

    /// A hazard in one line.
    pub fn hazard_line(self, row: &HazardRow) -> String {
        if row.description.is_empty() { self.item_failed(row.item) } else { row.description.clone() }
    }

    /// What an earlier check found, at the item that fails again.
    pub fn check_found_before(self, known: &HazardRow, today: &str) -> String {
        let (on, state) = (self.day(&known.seen_on, today), self.label(known.state));
        let what = if known.description.is_empty() { String::new() } else { format!(" · {}", known.description) };
        self.pick(format!("{on}查出，{state}{what}"), format!("Found {on}: {state}{what}"))
    }

    /// The item that failed: what should be so and is not.
    pub fn item_failed(self, item: Option<Item>) -> String {
        let named = self.item_named(item);
        self.pick(format!("没做到：{named}"), format!("Not in order: {named}"))
    }

    /// A day on paper: with its year, whoever reads it when.
    pub fn paper_day(self, day: &str) -> String {
        use chrono::Datelike;
        match domain::form::parse_date(day) {
            Some(date) => self.pick(format!("{}年{}月{}日", date.year(), date.month(), date.day()), date.to_string()),
            None => day.to_owned(),
        }
    }

    /// How far a group is.
    pub fn group_progress(self, group: Group, answered: usize, failed: usize) -> String {
        let (name, all) = (self.label(group), group.items().count());
        let count = format!("{answered}/{all}");
        if failed == 0 {
            return format!("{name} {count}");
        }
        self.pick(format!("{name} {count} · 不合格 {failed}"), format!("{name} {count} · {failed} not in order"))
    }

    /// How many items of the whole list have an answer.
    pub fn check_progress(self, answered: usize, failed: usize) -> String {
        self.pick(format!("已查 {answered} 项，不合格 {failed} 项"), format!("{answered} checked, {failed} not in order"))
    }

    /// The numbers the rooms are judged by.
    pub fn check_limits(self, limits: &Limits) -> String {
        let (area, heads) = (square_metres(limits.min_area_per_person_m2x100), limits.max_per_room);
        self.pick(
            format!("每人不少于 {area} 平方米，每间不超过 {heads} 人"),
            format!("At least {area} m² each, at most {heads} in a room"),
        )
    }

    /// A room as a check found it.
    pub fn room_found(self, found: &RoomFound) -> String {
        let people = self.pick(format!("{} 人", found.people), format!("{} people", found.people));
        let area = found.usable_m2x100.map(square_metres);
        let area = area.map(|area| self.pick(format!("{area} 平方米"), format!("{area} m²")));
        let area = area.unwrap_or_else(|| self.finding_not_measured().to_owned());
        let family = if found.family { format!(" · {}", self.check_family()) } else { String::new() };
        format!("{area} · {people}{family}")
    }

    /// A letting with many beds is asked for more.
    pub fn check_large(self, beds: i64) -> String {
        self.pick(format!("{beds} 张床位，按规模出租查"), format!("{beds} beds: a large letting"))
    }

    /// What was found about a room's size.
    pub fn finding_area(self, finding: Finding) -> &'static str {
        match finding {
            Finding::Pass | Finding::FamilyExempt => self.finding_pass(),
            Finding::Fail => self.finding_area_fail(),
            Finding::Empty => self.finding_empty(),
            Finding::NotMeasured => self.finding_not_measured(),
        }
    }

    /// What was found about how many sleep there.
    pub fn finding_heads(self, finding: Finding) -> &'static str {
        match finding {
            Finding::Pass | Finding::NotMeasured => self.finding_pass(),
            Finding::Fail => self.finding_heads_fail(),
            Finding::FamilyExempt => self.finding_family(),
            Finding::Empty => self.finding_empty(),
        }
    }

    /// A check in a list.
    pub fn check_counts(self, row: &CheckRow) -> String {
        let counts = row.counts.iter().filter(|(_, count)| *count > 0);
        counts.map(|(answer, count)| format!("{} {count}", self.label(*answer))).collect::<Vec<_>>().join(" · ")
    }

    /// How a home's letter stands.
    pub fn letter_standing(self, standing: LetterStanding) -> &'static str {
        match standing {
            LetterStanding::Missing => self.pick("还没有签", "Not signed yet"),
            LetterStanding::Expired => self.pick("已过期，要重签", "Expired: sign again"),
            LetterStanding::OnPaper => self.pick("已签（纸质）", "Signed on paper"),
            LetterStanding::Drawn => self.pick("已签（手机）", "Signed on the phone"),
        }
    }

    /// How soon something found today is mended.
    pub fn outcome_due(self, on: &str, today: &str) -> String {
        let on = self.day(on, today);
        self.pick(format!("{on}前改好"), format!("mended by {on}"))
    }

    /// A clause of the letter, in the county's words; in English where the county gave them.
    pub fn letter_clause(self, clause: &Clause) -> String {
        let english = if clause.en.is_empty() { &clause.zh } else { &clause.en };
        self.pick(clause.zh.clone(), english.clone())
    }

    /// What the letter begins with.
    pub fn letter_opening(self, signer: &str, home: &str) -> String {
        self.pick(
            format!("我是{signer}，出租{home}的房屋。我知道出租人的责任，保证做到："),
            format!("I am {signer}, and I let the home at {home}. I know a landlord's duties and promise:"),
        )
    }
}

/// Hundredths of a square metre as people write them.
fn square_metres(m2x100: i64) -> String {
    if m2x100 % 100 == 0 { (m2x100 / 100).to_string() } else { format!("{}.{:02}", m2x100 / 100, m2x100 % 100) }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_grade_severity_and_standing_has_words() {
        for words in BOTH {
            for grade in Grade::ALL {
                assert_spoken(words, words.grade_name(*grade), grade.code());
            }
            for severity in 0..=4 {
                assert_spoken(words, words.severity(severity), "severity");
            }
            for standing in [LetterStanding::Missing, LetterStanding::Expired, LetterStanding::OnPaper, LetterStanding::Drawn] {
                assert_spoken(words, words.letter_standing(standing), "letter");
            }
            for finding in [Finding::Pass, Finding::Fail, Finding::FamilyExempt, Finding::Empty, Finding::NotMeasured] {
                assert_spoken(words, words.finding_area(finding), "area");
                assert_spoken(words, words.finding_heads(finding), "heads");
            }
            assert_spoken(words, words.item_named(None), "an item of a newer version");
        }
    }

    #[test]
    fn the_letter_is_read_in_both_languages() {
        for words in BOTH {
            for clause in domain::letter_text::shipped().iter().flat_map(|wording| &wording.clauses) {
                assert_spoken(words, &words.letter_clause(clause), "a clause");
            }
        }
        let only = Clause { zh: "按期整改。".into(), en: String::new() };
        assert!(BOTH.iter().all(|words| words.letter_clause(&only) == "按期整改。"), "the county's words, rather than none");
    }
}
