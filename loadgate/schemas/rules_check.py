"""Whether a document keeps to rules.json. Written by .ci/compile_schema.py: do not edit."""

import re
from typing import Any


class _Invalid(Exception):
    pass


def valid(document: Any) -> bool:
    """Say whether the schema has nothing against a document."""
    try:
        validate(document)
    except _Invalid:
        return False
    return True


REGEX_PATTERNS = {
    '^[A-Za-z0-9._-]{1,100}$': re.compile('^[A-Za-z0-9._-]{1,100}\\Z'),
    '\\S': re.compile('\\S'),
    '^[0-9]{1,30}(\\.[0-9]{1,30})?%$': re.compile('^[0-9]{1,30}(\\.[0-9]{1,30})?%\\Z'),
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}$': re.compile('^[0-9]{4}-[0-9]{2}-[0-9]{2}\\Z')
}

NoneType = type(None)

def validate(data: Any) -> Any:
    if not isinstance(data, (dict)):
        raise _Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['version']) - data.keys()
        if data__missing_keys:
            raise _Invalid
        data_keys = set(data.keys())
        if "$schema" in data_keys:
            data_keys.remove("$schema")
            data__schema = data["$schema"]
            if not isinstance(data__schema, (str)):
                raise _Invalid
        if "version" in data_keys:
            data_keys.remove("version")
            data__version = data["version"]
            if not isinstance(data__version, (int)) and not (isinstance(data__version, float) and data__version.is_integer()) or isinstance(data__version, bool):
                raise _Invalid
            if not (isinstance(data__version, (int, float)) and not isinstance(data__version, bool) and data__version == 1):
                raise _Invalid
        if "extends" in data_keys:
            data_keys.remove("extends")
            data__extends = data["extends"]
            if not isinstance(data__extends, (list, tuple)):
                raise _Invalid
            data__extends_is_list = isinstance(data__extends, (list, tuple))
            if data__extends_is_list:
                data__extends_len = len(data__extends)
                if data__extends_len > 50:
                    raise _Invalid
                for data__extends_x, data__extends_item in enumerate(data__extends):
                    if not isinstance(data__extends_item, (str)):
                        raise _Invalid
                    if isinstance(data__extends_item, str):
                        data__extends_item_len = len(data__extends_item)
                        if data__extends_item_len < 1:
                            raise _Invalid
                        if data__extends_item_len > 1000:
                            raise _Invalid
        if "rules" in data_keys:
            data_keys.remove("rules")
            data__rules = data["rules"]
            if not isinstance(data__rules, (list, tuple)):
                raise _Invalid
            data__rules_is_list = isinstance(data__rules, (list, tuple))
            if data__rules_is_list:
                data__rules_len = len(data__rules)
                if data__rules_len > 1000:
                    raise _Invalid
                for data__rules_x, data__rules_item in enumerate(data__rules):
                    if not isinstance(data__rules_item, (dict)):
                        raise _Invalid
                    data__rules_item_any_of_count1 = 0
                    if not data__rules_item_any_of_count1:
                        try:
                            data__rules_item_is_dict = isinstance(data__rules_item, dict)
                            if data__rules_item_is_dict:
                                data__rules_item__missing_keys = set(['status']) - data__rules_item.keys()
                                if data__rules_item__missing_keys:
                                    raise _Invalid
                            data__rules_item_any_of_count1 += 1
                        except _Invalid: pass
                    if not data__rules_item_any_of_count1:
                        try:
                            data__rules_item_is_dict = isinstance(data__rules_item, dict)
                            if data__rules_item_is_dict:
                                data__rules_item__missing_keys = set(['error']) - data__rules_item.keys()
                                if data__rules_item__missing_keys:
                                    raise _Invalid
                            data__rules_item_any_of_count1 += 1
                        except _Invalid: pass
                    if not data__rules_item_any_of_count1:
                        raise _Invalid
                    data__rules_item_is_dict = isinstance(data__rules_item, dict)
                    if data__rules_item_is_dict:
                        data__rules_item__missing_keys = set(['id', 'endpoint', 'why']) - data__rules_item.keys()
                        if data__rules_item__missing_keys:
                            raise _Invalid
                        data__rules_item_keys = set(data__rules_item.keys())
                        if "id" in data__rules_item_keys:
                            data__rules_item_keys.remove("id")
                            data__rules_item__id = data__rules_item["id"]
                            if not isinstance(data__rules_item__id, (str)):
                                raise _Invalid
                            if isinstance(data__rules_item__id, str):
                                if not REGEX_PATTERNS['^[A-Za-z0-9._-]{1,100}$'].search(data__rules_item__id):
                                    raise _Invalid
                        if "endpoint" in data__rules_item_keys:
                            data__rules_item_keys.remove("endpoint")
                            data__rules_item__endpoint = data__rules_item["endpoint"]
                            if not isinstance(data__rules_item__endpoint, (str)):
                                raise _Invalid
                            if isinstance(data__rules_item__endpoint, str):
                                data__rules_item__endpoint_len = len(data__rules_item__endpoint)
                                if data__rules_item__endpoint_len < 1:
                                    raise _Invalid
                                if data__rules_item__endpoint_len > 1000:
                                    raise _Invalid
                        if "method" in data__rules_item_keys:
                            data__rules_item_keys.remove("method")
                            data__rules_item__method = data__rules_item["method"]
                            if not isinstance(data__rules_item__method, (str, list, tuple)):
                                raise _Invalid
                            if isinstance(data__rules_item__method, str):
                                data__rules_item__method_len = len(data__rules_item__method)
                                if data__rules_item__method_len > 100:
                                    raise _Invalid
                            data__rules_item__method_is_list = isinstance(data__rules_item__method, (list, tuple))
                            if data__rules_item__method_is_list:
                                data__rules_item__method_len = len(data__rules_item__method)
                                if data__rules_item__method_len < 1:
                                    raise _Invalid
                                if data__rules_item__method_len > 100:
                                    raise _Invalid
                                for data__rules_item__method_x, data__rules_item__method_item in enumerate(data__rules_item__method):
                                    if not isinstance(data__rules_item__method_item, (str)):
                                        raise _Invalid
                                    if isinstance(data__rules_item__method_item, str):
                                        data__rules_item__method_item_len = len(data__rules_item__method_item)
                                        if data__rules_item__method_item_len > 100:
                                            raise _Invalid
                        if "status" in data__rules_item_keys:
                            data__rules_item_keys.remove("status")
                            data__rules_item__status = data__rules_item["status"]
                            if not isinstance(data__rules_item__status, (int, list, tuple)) and not (isinstance(data__rules_item__status, float) and data__rules_item__status.is_integer()) or isinstance(data__rules_item__status, bool):
                                raise _Invalid
                            if isinstance(data__rules_item__status, (int, float)) and not isinstance(data__rules_item__status, bool):
                                if data__rules_item__status < 100:
                                    raise _Invalid
                                if data__rules_item__status > 599:
                                    raise _Invalid
                            data__rules_item__status_is_list = isinstance(data__rules_item__status, (list, tuple))
                            if data__rules_item__status_is_list:
                                data__rules_item__status_len = len(data__rules_item__status)
                                if data__rules_item__status_len < 1:
                                    raise _Invalid
                                if data__rules_item__status_len > 500:
                                    raise _Invalid
                                for data__rules_item__status_x, data__rules_item__status_item in enumerate(data__rules_item__status):
                                    if not isinstance(data__rules_item__status_item, (int)) and not (isinstance(data__rules_item__status_item, float) and data__rules_item__status_item.is_integer()) or isinstance(data__rules_item__status_item, bool):
                                        raise _Invalid
                                    if isinstance(data__rules_item__status_item, (int, float)) and not isinstance(data__rules_item__status_item, bool):
                                        if data__rules_item__status_item < 100:
                                            raise _Invalid
                                        if data__rules_item__status_item > 599:
                                            raise _Invalid
                        if "error" in data__rules_item_keys:
                            data__rules_item_keys.remove("error")
                            data__rules_item__error = data__rules_item["error"]
                            if not isinstance(data__rules_item__error, (str)):
                                raise _Invalid
                            if isinstance(data__rules_item__error, str):
                                data__rules_item__error_len = len(data__rules_item__error)
                                if data__rules_item__error_len < 1:
                                    raise _Invalid
                                if data__rules_item__error_len > 2000:
                                    raise _Invalid
                        if "as" in data__rules_item_keys:
                            data__rules_item_keys.remove("as")
                            data__rules_item__as = data__rules_item["as"]
                            if not (isinstance(data__rules_item__as, str) and data__rules_item__as == 'expected' or isinstance(data__rules_item__as, str) and data__rules_item__as == 'failure'):
                                raise _Invalid
                        if "why" in data__rules_item_keys:
                            data__rules_item_keys.remove("why")
                            data__rules_item__why = data__rules_item["why"]
                            if not isinstance(data__rules_item__why, (str)):
                                raise _Invalid
                            if isinstance(data__rules_item__why, str):
                                data__rules_item__why_len = len(data__rules_item__why)
                                if data__rules_item__why_len > 2000:
                                    raise _Invalid
                                if not REGEX_PATTERNS['\\S'].search(data__rules_item__why):
                                    raise _Invalid
                        if "at_most" in data__rules_item_keys:
                            data__rules_item_keys.remove("at_most")
                            data__rules_item__atmost = data__rules_item["at_most"]
                            if not isinstance(data__rules_item__atmost, (str)):
                                raise _Invalid
                            if isinstance(data__rules_item__atmost, str):
                                if not REGEX_PATTERNS['^[0-9]{1,30}(\\.[0-9]{1,30})?%$'].search(data__rules_item__atmost):
                                    raise _Invalid
                        if "owner" in data__rules_item_keys:
                            data__rules_item_keys.remove("owner")
                            data__rules_item__owner = data__rules_item["owner"]
                            if not isinstance(data__rules_item__owner, (str)):
                                raise _Invalid
                            if isinstance(data__rules_item__owner, str):
                                data__rules_item__owner_len = len(data__rules_item__owner)
                                if data__rules_item__owner_len < 1:
                                    raise _Invalid
                                if data__rules_item__owner_len > 200:
                                    raise _Invalid
                        if "ticket" in data__rules_item_keys:
                            data__rules_item_keys.remove("ticket")
                            data__rules_item__ticket = data__rules_item["ticket"]
                            if not isinstance(data__rules_item__ticket, (str)):
                                raise _Invalid
                            if isinstance(data__rules_item__ticket, str):
                                data__rules_item__ticket_len = len(data__rules_item__ticket)
                                if data__rules_item__ticket_len < 1:
                                    raise _Invalid
                                if data__rules_item__ticket_len > 500:
                                    raise _Invalid
                        if "expires" in data__rules_item_keys:
                            data__rules_item_keys.remove("expires")
                            data__rules_item__expires = data__rules_item["expires"]
                            if not isinstance(data__rules_item__expires, (str)):
                                raise _Invalid
                            if isinstance(data__rules_item__expires, str):
                                if not REGEX_PATTERNS['^[0-9]{4}-[0-9]{2}-[0-9]{2}$'].search(data__rules_item__expires):
                                    raise _Invalid
                        if "lint_ignore" in data__rules_item_keys:
                            data__rules_item_keys.remove("lint_ignore")
                            data__rules_item__lintignore = data__rules_item["lint_ignore"]
                            if not isinstance(data__rules_item__lintignore, (list, tuple)):
                                raise _Invalid
                            data__rules_item__lintignore_is_list = isinstance(data__rules_item__lintignore, (list, tuple))
                            if data__rules_item__lintignore_is_list:
                                data__rules_item__lintignore_len = len(data__rules_item__lintignore)
                                if data__rules_item__lintignore_len > 20:
                                    raise _Invalid
                                for data__rules_item__lintignore_x, data__rules_item__lintignore_item in enumerate(data__rules_item__lintignore):
                                    if not (isinstance(data__rules_item__lintignore_item, str) and data__rules_item__lintignore_item == 'lost-carve-out' or isinstance(data__rules_item__lintignore_item, str) and data__rules_item__lintignore_item == 'too-broad' or isinstance(data__rules_item__lintignore_item, str) and data__rules_item__lintignore_item == 'odd-pattern' or isinstance(data__rules_item__lintignore_item, str) and data__rules_item__lintignore_item == 'no-budget' or isinstance(data__rules_item__lintignore_item, str) and data__rules_item__lintignore_item == 'no-example' or isinstance(data__rules_item__lintignore_item, str) and data__rules_item__lintignore_item == 'idle' or isinstance(data__rules_item__lintignore_item, str) and data__rules_item__lintignore_item == 'budget-nearly-spent'):
                                        raise _Invalid
                        if data__rules_item_keys:
                            raise _Invalid
        if "thresholds" in data_keys:
            data_keys.remove("thresholds")
            data__thresholds = data["thresholds"]
            if not isinstance(data__thresholds, (list, tuple)):
                raise _Invalid
            data__thresholds_is_list = isinstance(data__thresholds, (list, tuple))
            if data__thresholds_is_list:
                data__thresholds_len = len(data__thresholds)
                if data__thresholds_len > 1000:
                    raise _Invalid
                for data__thresholds_x, data__thresholds_item in enumerate(data__thresholds):
                    if not isinstance(data__thresholds_item, (dict)):
                        raise _Invalid
                    data__thresholds_item_is_dict = isinstance(data__thresholds_item, dict)
                    if data__thresholds_item_is_dict:
                        data__thresholds_item__missing_keys = set(['require']) - data__thresholds_item.keys()
                        if data__thresholds_item__missing_keys:
                            raise _Invalid
                        if "method" in data__thresholds_item:
                            if "endpoint" not in data__thresholds_item:
                                raise _Invalid
                        if "optional" in data__thresholds_item:
                            if "endpoint" not in data__thresholds_item:
                                raise _Invalid
                        data__thresholds_item_keys = set(data__thresholds_item.keys())
                        if "require" in data__thresholds_item_keys:
                            data__thresholds_item_keys.remove("require")
                            data__thresholds_item__require = data__thresholds_item["require"]
                            if not isinstance(data__thresholds_item__require, (str)):
                                raise _Invalid
                            if isinstance(data__thresholds_item__require, str):
                                data__thresholds_item__require_len = len(data__thresholds_item__require)
                                if data__thresholds_item__require_len < 1:
                                    raise _Invalid
                                if data__thresholds_item__require_len > 200:
                                    raise _Invalid
                        if "endpoint" in data__thresholds_item_keys:
                            data__thresholds_item_keys.remove("endpoint")
                            data__thresholds_item__endpoint = data__thresholds_item["endpoint"]
                            if not isinstance(data__thresholds_item__endpoint, (str)):
                                raise _Invalid
                            if isinstance(data__thresholds_item__endpoint, str):
                                data__thresholds_item__endpoint_len = len(data__thresholds_item__endpoint)
                                if data__thresholds_item__endpoint_len < 1:
                                    raise _Invalid
                                if data__thresholds_item__endpoint_len > 1000:
                                    raise _Invalid
                        if "method" in data__thresholds_item_keys:
                            data__thresholds_item_keys.remove("method")
                            data__thresholds_item__method = data__thresholds_item["method"]
                            if not isinstance(data__thresholds_item__method, (str, list, tuple)):
                                raise _Invalid
                            if isinstance(data__thresholds_item__method, str):
                                data__thresholds_item__method_len = len(data__thresholds_item__method)
                                if data__thresholds_item__method_len > 100:
                                    raise _Invalid
                            data__thresholds_item__method_is_list = isinstance(data__thresholds_item__method, (list, tuple))
                            if data__thresholds_item__method_is_list:
                                data__thresholds_item__method_len = len(data__thresholds_item__method)
                                if data__thresholds_item__method_len < 1:
                                    raise _Invalid
                                if data__thresholds_item__method_len > 100:
                                    raise _Invalid
                                for data__thresholds_item__method_x, data__thresholds_item__method_item in enumerate(data__thresholds_item__method):
                                    if not isinstance(data__thresholds_item__method_item, (str)):
                                        raise _Invalid
                                    if isinstance(data__thresholds_item__method_item, str):
                                        data__thresholds_item__method_item_len = len(data__thresholds_item__method_item)
                                        if data__thresholds_item__method_item_len > 100:
                                            raise _Invalid
                        if "optional" in data__thresholds_item_keys:
                            data__thresholds_item_keys.remove("optional")
                            data__thresholds_item__optional = data__thresholds_item["optional"]
                            if not isinstance(data__thresholds_item__optional, (bool)):
                                raise _Invalid
                        if "min_requests" in data__thresholds_item_keys:
                            data__thresholds_item_keys.remove("min_requests")
                            data__thresholds_item__minrequests = data__thresholds_item["min_requests"]
                            if not isinstance(data__thresholds_item__minrequests, (int)) and not (isinstance(data__thresholds_item__minrequests, float) and data__thresholds_item__minrequests.is_integer()) or isinstance(data__thresholds_item__minrequests, bool):
                                raise _Invalid
                            if isinstance(data__thresholds_item__minrequests, (int, float)) and not isinstance(data__thresholds_item__minrequests, bool):
                                if data__thresholds_item__minrequests < 0:
                                    raise _Invalid
                        if "confidence" in data__thresholds_item_keys:
                            data__thresholds_item_keys.remove("confidence")
                            data__thresholds_item__confidence = data__thresholds_item["confidence"]
                            if not isinstance(data__thresholds_item__confidence, (int, float)) or isinstance(data__thresholds_item__confidence, bool):
                                raise _Invalid
                            if isinstance(data__thresholds_item__confidence, (int, float)) and not isinstance(data__thresholds_item__confidence, bool):
                                if data__thresholds_item__confidence < 0.5:
                                    raise _Invalid
                                if data__thresholds_item__confidence >= 1:
                                    raise _Invalid
                        if "severity" in data__thresholds_item_keys:
                            data__thresholds_item_keys.remove("severity")
                            data__thresholds_item__severity = data__thresholds_item["severity"]
                            if not (isinstance(data__thresholds_item__severity, str) and data__thresholds_item__severity == 'error' or isinstance(data__thresholds_item__severity, str) and data__thresholds_item__severity == 'warning'):
                                raise _Invalid
                        if data__thresholds_item_keys:
                            raise _Invalid
        if "status_texts" in data_keys:
            data_keys.remove("status_texts")
            data__statustexts = data["status_texts"]
            if not isinstance(data__statustexts, (list, tuple)):
                raise _Invalid
            data__statustexts_is_list = isinstance(data__statustexts, (list, tuple))
            if data__statustexts_is_list:
                data__statustexts_len = len(data__statustexts)
                if data__statustexts_len > 1000:
                    raise _Invalid
                for data__statustexts_x, data__statustexts_item in enumerate(data__statustexts):
                    if not isinstance(data__statustexts_item, (dict)):
                        raise _Invalid
                    data__statustexts_item_is_dict = isinstance(data__statustexts_item, dict)
                    if data__statustexts_item_is_dict:
                        data__statustexts_item__missing_keys = set(['text']) - data__statustexts_item.keys()
                        if data__statustexts_item__missing_keys:
                            raise _Invalid
                        data__statustexts_item_keys = set(data__statustexts_item.keys())
                        if "text" in data__statustexts_item_keys:
                            data__statustexts_item_keys.remove("text")
                            data__statustexts_item__text = data__statustexts_item["text"]
                            if not isinstance(data__statustexts_item__text, (str)):
                                raise _Invalid
                            if isinstance(data__statustexts_item__text, str):
                                data__statustexts_item__text_len = len(data__statustexts_item__text)
                                if data__statustexts_item__text_len < 1:
                                    raise _Invalid
                                if data__statustexts_item__text_len > 1000:
                                    raise _Invalid
                        if data__statustexts_item_keys:
                            raise _Invalid
        if "examples" in data_keys:
            data_keys.remove("examples")
            data__examples = data["examples"]
            if not isinstance(data__examples, (list, tuple)):
                raise _Invalid
            data__examples_is_list = isinstance(data__examples, (list, tuple))
            if data__examples_is_list:
                data__examples_len = len(data__examples)
                if data__examples_len > 1000:
                    raise _Invalid
                for data__examples_x, data__examples_item in enumerate(data__examples):
                    if not isinstance(data__examples_item, (dict)):
                        raise _Invalid
                    data__examples_item_is_dict = isinstance(data__examples_item, dict)
                    if data__examples_item_is_dict:
                        data__examples_item__missing_keys = set(['endpoint', 'error', 'expect']) - data__examples_item.keys()
                        if data__examples_item__missing_keys:
                            raise _Invalid
                        data__examples_item_keys = set(data__examples_item.keys())
                        if "endpoint" in data__examples_item_keys:
                            data__examples_item_keys.remove("endpoint")
                            data__examples_item__endpoint = data__examples_item["endpoint"]
                            if not isinstance(data__examples_item__endpoint, (str)):
                                raise _Invalid
                            if isinstance(data__examples_item__endpoint, str):
                                data__examples_item__endpoint_len = len(data__examples_item__endpoint)
                                if data__examples_item__endpoint_len < 1:
                                    raise _Invalid
                                if data__examples_item__endpoint_len > 1000:
                                    raise _Invalid
                        if "method" in data__examples_item_keys:
                            data__examples_item_keys.remove("method")
                            data__examples_item__method = data__examples_item["method"]
                            if not isinstance(data__examples_item__method, (str, list, tuple)):
                                raise _Invalid
                            if isinstance(data__examples_item__method, str):
                                data__examples_item__method_len = len(data__examples_item__method)
                                if data__examples_item__method_len > 100:
                                    raise _Invalid
                            data__examples_item__method_is_list = isinstance(data__examples_item__method, (list, tuple))
                            if data__examples_item__method_is_list:
                                data__examples_item__method_len = len(data__examples_item__method)
                                if data__examples_item__method_len < 1:
                                    raise _Invalid
                                if data__examples_item__method_len > 1:
                                    raise _Invalid
                                for data__examples_item__method_x, data__examples_item__method_item in enumerate(data__examples_item__method):
                                    if not isinstance(data__examples_item__method_item, (str)):
                                        raise _Invalid
                                    if isinstance(data__examples_item__method_item, str):
                                        data__examples_item__method_item_len = len(data__examples_item__method_item)
                                        if data__examples_item__method_item_len > 100:
                                            raise _Invalid
                        if "error" in data__examples_item_keys:
                            data__examples_item_keys.remove("error")
                            data__examples_item__error = data__examples_item["error"]
                            if not isinstance(data__examples_item__error, (str)):
                                raise _Invalid
                            if isinstance(data__examples_item__error, str):
                                data__examples_item__error_len = len(data__examples_item__error)
                                if data__examples_item__error_len > 10000:
                                    raise _Invalid
                        if "expect" in data__examples_item_keys:
                            data__examples_item_keys.remove("expect")
                            data__examples_item__expect = data__examples_item["expect"]
                            if not (isinstance(data__examples_item__expect, str) and data__examples_item__expect == 'expected' or isinstance(data__examples_item__expect, str) and data__examples_item__expect == 'failure'):
                                raise _Invalid
                        if "rule" in data__examples_item_keys:
                            data__examples_item_keys.remove("rule")
                            data__examples_item__rule = data__examples_item["rule"]
                            if not isinstance(data__examples_item__rule, (str)):
                                raise _Invalid
                            if isinstance(data__examples_item__rule, str):
                                if not REGEX_PATTERNS['^[A-Za-z0-9._-]{1,100}$'].search(data__examples_item__rule):
                                    raise _Invalid
                        if data__examples_item_keys:
                            raise _Invalid
        if data_keys:
            raise _Invalid
    return data
