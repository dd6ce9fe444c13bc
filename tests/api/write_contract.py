"""Write contract.txt as the code of this moment has it: python tests/api/write_contract.py, with tests/ and src/ on the path."""

from api.test_contract import CONTRACT, lines

if __name__ == "__main__":
    CONTRACT.write_text("\n".join(lines()) + "\n", encoding="utf-8")
