//! Pinyin keys of names, so that `zxm` and `zhangxiaoming` find 张晓明.
//!
//! Most characters take their commonest reading; surnames take the reading families use, which is often another.

use ::pinyin::ToPinyin;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::text::{SURNAMES_OF_TWO, is_han};

/// Surnames of one character read otherwise than the character alone.
const SURNAMES: &[(char, &str)] = &[
    ('单', "shan"),
    ('仇', "qiu"),
    ('曾', "zeng"),
    ('解', "xie"),
    ('区', "ou"),
    ('查', "zha"),
    ('任', "ren"),
    ('朴', "piao"),
    ('翟', "zhai"),
    ('覃', "qin"),
    ('盖', "ge"),
    ('乐', "yue"),
    ('华', "hua"),
    ('柏', "bai"),
    ('缪', "miao"),
    ('员', "yun"),
    ('逄', "pang"),
    ('冼', "xian"),
    ('洗', "xian"),
    ('那', "na"),
    ('宁', "ning"),
    ('过', "guo"),
    ('尉', "wei"),
    ('郇', "xun"),
    ('纪', "ji"),
    ('葛', "ge"),
    ('黑', "he"),
    ('句', "gou"),
    ('勾', "gou"),
    ('阚', "kan"),
    ('撒', "sa"),
    ('折', "she"),
    ('种', "chong"),
    ('秘', "bi"),
    ('繁', "po"),
    ('都', "du"),
    ('召', "shao"),
    ('谌', "chen"),
    ('隗', "wei"),
    ('应', "ying"),
    ('祭', "zhai"),
    ('贾', "jia"),
    ('石', "shi"),
    ('车', "che"),
    ('盛', "sheng"),
    ('卜', "bu"),
    ('藏', "zang"),
    ('臧', "zang"),
    ('曲', "qu"),
    ('相', "xiang"),
    ('干', "gan"),
    ('牟', "mou"),
    ('宿', "su"),
    ('万', "wan"),
    ('薄', "bo"),
    ('贲', "ben"),
    ('郗', "xi"),
    ('暨', "ji"),
    ('仉', "zhang"),
    ('訾', "zi"),
    ('昝', "zan"),
    ('亓', "qi"),
    ('乜', "nie"),
    ('库', "she"),
    ('厍', "she"),
    ('钭', "tou"),
    ('呙', "guo"),
    ('眭', "sui"),
    ('逯', "lu"),
    ('阿', "a"),
    ('艾', "ai"),
    ('沈', "shen"),
    ('叶', "ye"),
    ('燕', "yan"),
    ('幺', "yao"),
    ('哈', "ha"),
    ('佴', "nai"),
    ('晁', "chao"),
    ('长', "chang"),
    ('重', "chong"),
    ('行', "xing"),
    ('殷', "yin"),
    ('俞', "yu"),
    ('谷', "gu"),
    ('缴', "jiao"),
    ('缑', "gou"),
    ('璩', "qu"),
    ('濮', "pu"),
    ('娄', "lou"),
    ('嵇', "ji"),
];

/// Surnames of two characters read otherwise than their characters alone.
const COMPOUND: &[(&str, [&str; 2])] = &[
    ("尉迟", ["yu", "chi"]),
    ("万俟", ["mo", "qi"]),
    ("单于", ["chan", "yu"]),
    ("长孙", ["zhang", "sun"]),
    ("澹台", ["tan", "tai"]),
    ("令狐", ["ling", "hu"]),
    ("鲜于", ["xian", "yu"]),
    ("拓跋", ["tuo", "ba"]),
    ("宗政", ["zong", "zheng"]),
];

/// What a name is searched by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinyinKeys {
    /// Every syllable, lower case, without tones and spaces: `zhangxiaoming`. ü is v, as people type it.
    pub full: String,
    /// The first letter of every syllable, or of every word of a foreign name: `zxm`.
    pub initials: String,
}

/// The keys of a name. Characters without a reading are left out; accents are taken off foreign letters.
pub fn keys(name: &str) -> PinyinKeys {
    let letters: Vec<char> = name.chars().collect();
    let mut keys = PinyinKeys::default();
    let surname = surname_readings(name);
    for reading in &surname {
        keys.add_syllable(reading);
    }
    let mut in_word = false;
    for &c in &letters[surname.len()..] {
        if is_han(c) {
            in_word = false;
            if let Some(reading) = c.to_pinyin() {
                keys.add_syllable(reading.plain());
            }
        } else if let Some(plain) = plain_letter(c) {
            keys.full.push(plain);
            if !in_word {
                keys.initials.push(plain);
            }
            in_word = true;
        } else {
            // An apostrophe stands inside a word: O'Neil is one.
            in_word = in_word && c == '\'';
        }
    }
    keys
}

impl PinyinKeys {
    fn add_syllable(&mut self, reading: &str) {
        let at = self.full.len();
        self.full.extend(reading.chars().map(|c| if c == 'ü' { 'v' } else { c.to_ascii_lowercase() }));
        self.initials.extend(self.full[at..].chars().next());
    }
}

/// The readings of the surname where it is read in its own way; nothing where the characters say it themselves.
fn surname_readings(name: &str) -> Vec<&'static str> {
    if let Some((_, readings)) = COMPOUND.iter().find(|(surname, _)| name.starts_with(surname)) {
        return readings.to_vec();
    }
    if SURNAMES_OF_TWO.iter().any(|surname| name.starts_with(surname)) {
        return Vec::new();
    }
    let first = name.chars().next();
    SURNAMES.iter().find(|(surname, _)| Some(*surname) == first).map(|(_, reading)| vec![*reading]).unwrap_or_default()
}

fn plain_letter(c: char) -> Option<char> {
    let base = std::iter::once(c).nfkd().next().filter(char::is_ascii_alphanumeric)?;
    Some(base.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_sounds() {
        let rows = [
            ("张晓明", "zhangxiaoming", "zxm"),
            ("单小明", "shanxiaoming", "sxm"),
            ("仇英", "qiuying", "qy"),
            ("曾国", "zengguo", "zg"),
            ("解晓东", "xiexiaodong", "xxd"),
            ("区文", "ouwen", "ow"),
            ("查良", "zhaliang", "zl"),
            ("任平", "renping", "rp"),
            ("朴正", "piaozheng", "pz"),
            ("翟天", "zhaitian", "zt"),
            ("覃明", "qinming", "qm"),
            ("盖文", "gewen", "gw"),
            ("乐平", "yueping", "yp"),
            ("缪斯", "miaosi", "ms"),
            ("员工", "yungong", "yg"),
            ("逄丽", "pangli", "pl"),
            ("冼星", "xianxing", "xx"),
            ("尉迟恭", "yuchigong", "ycg"),
            ("万俟明", "moqiming", "mqm"),
            ("万明", "wanming", "wm"),
            ("单于明", "chanyuming", "cym"),
            ("长孙明", "zhangsunming", "zsm"),
            ("欧阳修", "ouyangxiu", "oyx"),
            ("令狐冲", "linghuchong", "lhc"),
            ("吕布", "lvbu", "lb"),
            ("小单", "xiaodan", "xd"),
            ("买买提·艾力", "maimaitiaili", "mmtal"),
            ("John O'Neil-Smith", "johnoneilsmith", "jos"),
            ("José García", "josegarcia", "jg"),
            ("", "", ""),
            ("··", "", ""),
        ];
        for (name, full, initials) in rows {
            assert_eq!(keys(name), PinyinKeys { full: full.into(), initials: initials.into() }, "{name}");
        }
    }

    #[test]
    fn no_surname_of_the_table_is_silent() {
        for surname in SURNAMES_OF_TWO {
            assert_eq!(keys(surname).initials.len(), 2, "{surname}");
        }
    }
}
