"""How a repeated sentence speaks: for the page and to its reader, or as reporting does."""

from __future__ import annotations

import re

_TO_THE_READER = re.compile(
    r"\b(?:voc[eê]s?|noss[oa]s?|conosco|nos\s(?:siga|ajude|apoie|acompanhe)|a\sgente\sprecisa|para\snós)\b"
    r"|\b(?:newsletters?|boletim\sdiário|boletim\ssemanal|catarse|apoia\.se|google\s(?:notícias|news)|tocador|aqui\sno\ssite)\b"
    r"|\b(?:todos\sos\sdireitos|reprodu(?:zid[oa]s?|ção)\b.{0,60}\b(?:fonte|crédito|autor|livre|permitid)|creative\scommons|copyright|licença\scc)"
    r"|©|https?://|www\.|(?<!\w)@\w|(?<!\w)\#\w"
    r"|\b(?:assinantes?|apoiador(?:es|as?)?|publicidade|anúncio|continua\sapós|tempo\sde\sleitura|comentários?\b|visualizaç(?:ão|ões)|curtidas|compartilhamentos|tags?\s?:|categorias?\s?:)"
    r"|\b(?:est[ea]\s(?:site|jornal|portal|boletim|página|conteúdo\s(?:é|foi|pode)|texto\s(?:foi\s(?:publicad|originalmente)|integra)|artigo\s(?:foi\spublicad|integra|faz\sparte)|coluna|série))\b"
    r"|\b(?:publicad[oa]\s(?:originalmente|em\s\{|n[oa]\s)|originalmente\spublicad|as\sopiniões|não\s(?:necessariamente\s)?(?:reflete|representa)m?)\b"
    r"|\bespecial\spara\s[oa]s?\s|\b(?:próxim[oa]|últim[oa])\s(?:capítulo|episódio|edição|coluna)\b|\bpublicad[oa]\s(?:aos|às|todo|toda)\s"
    r"|\b(?:somos\s(?:um|uma|o|a)|quem\ssomos|fale\sconosco|expediente|todo\so\sconteúdo|com\sinformações\sd|redação)\b",
    re.IGNORECASE,
)
_OFFERED = re.compile(
    r"\b(?:siga|siga-nos|acompanhe|assista|ouça|receba|entre|clique|baixe|acesse|inscreva-se|curta|disponível|cadastre-se)\b[^.!?\n]{0,80}"
    r"\b(?:whats?app|telegram|instagram|facebook|youtube|twitter|tiktok|podcast|spotify|deezer|pix|aplicativo|e-?mail|redes\ssociais|player|link)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:^|[.!?…\n–—|>»][^\S\n]*)(?i:leia|assine|apoie|contribua|colabore|doe|compartilhe|siga|acompanhe|inscreva-se|cadastre-se|clique|acesse|"
    r"baixe|ouça|escute|assista|confira|receba|participe|entre\s(?:n|em)|curta|conheça|ajude|faça|seja|envie|mande|fale|saiba|veja|fique|"
    r"junte-se|torne-se|gostou|quer\s|não\ssaia|antes\sde|comente|deixe)(?!\w)"
    r"|(?:^|[.!?…\n–—|>»][^\S\n]*)(?i:relembre|entenda)\s?(?:[:|]|(?i:mais|também)(?!\w))"
)
_LABEL = re.compile(
    r"^[^\w]*(?i:fotos?|imagem|imagens|crédito|créditos|ilustração|arte|charge|edição|revisão|reportagem|texto|tradução|apuração|"
    r"colaboração|colabor(?:ou|aram)|publicação|editoria|por|autor|autora|vídeo|áudio|legenda|leia|veja|saiba|ouça|assista|tags|série|especial|coluna)"
    r"(?:\s\w+){0,3}\s?[:|]"
)
_CREDIT = re.compile(
    r"^[^\w{]*(?i:publicad[oa]|traduzid[oa]|editad[oa]|revisad[oa]|escrit[oa]|produzid[oa]|ilustrad[oa]|fotografad[oa]|postad[oa])"
    r"\s(?i:por|pel[oa]|originalmente|em\s\{)(?!\w)"
)
_ABOUT_AUTHOR = re.compile(
    r"(?:^|[*–—(]\s?)\{name\}[^.]{0,40}\sé\s(?:(?:uma?|a|o)\s)?(?:jornalista|repórter|professora?|colunista|editora?|historiadora?|economista|escritora?|"
    r"pesquisadora?|militante|advogad[oa]|sociólog[oa]|antropólog[oa]|cientista|filósof[oa]|médic[oa]|psicólog[oa]|geógraf[oa]|jurista|poeta|cineasta|doutor(?:a|and[oa])?|"
    r"mestr[ea]|mestrand[oa]|graduad[oa]|formad[oa]|autora?|membro|integrante|dirigente|coordenadora?|fotógraf[oa])(?!\w)"
)
_REPORTS = re.compile(
    r"^[^\w]*(?:leia|veja|confira|ouça|eis)\b[^:\n]{0,60}\b(?:notas?|cartas?|trechos?|respostas?|manifestos?|declaraç(?:ão|ões)|posicionamentos?|documentos?)\b[^:\n]{0,40}:"
    r"|\bnão\s(?:se\s)?(?:respond\w*|manifest\w*|quis\w*|retorn\w*|coment\w*|foi|foram|obtev\w*|houve|havia|atend\w*|informou|há\sprevisão)\b"
    r"|\baté\s(?:o\s(?:fechamento|momento|final)|a\s(?:publicação|conclusão))|\bprocurad[oa]s?\b|\b(?:a|à|da|nossa)\sreportagem\s(?!complet|especia|origina|integra|na\síntegra|em\s(?:vídeo|áudio)|d[eoa]s?\s|public|foi\spubl)\w+"
    r"|\bespaço\s(?:segue|está|permanece|continua)\b|\bem\snota\b|\b(?:segundo|conforme)\s[oa]s?\s|\bde\sacordo\scom\b|\bnomes?\s(?:fictício|foi|foram|d[aeo]s?\s\w+\s(?:foi|foram))"
    r"|\bpara\s(?:preservar|proteger)\b|\ba\sdefesa\b|\b(?:disse|afirm(?:ou|a|am|aram)|declarou|explic(?:ou|a)|respond(?:eu|e)|informou|lembr(?:ou|a)|contou|decidiu|anunciou)\b"
    r"|\bpediram?\sanonimato\b|\bcaso\sfoi\s|\binvestiga(?:d[oa]|ção|r)\b|\bpolícia\b|\bministério\spúblico\b",
    re.IGNORECASE,
)


def speaks_to_the_reader(template: str) -> bool:
    """Whether a repeated text addresses its reader, names the page's own means, or is a label or an author's note."""
    return any(
        pattern.search(template) for pattern in (_ASKS, _LABEL, _CREDIT, _TO_THE_READER, _ABOUT_AUTHOR, _OFFERED)
    )


def reports(template: str) -> bool:
    """Whether a repeated text is a formula of reporting ("não respondeu até o fechamento desta edição"), a quotation, or an
    introduction to what follows it ("Leia a nota na íntegra:").
    """
    if template.rstrip().endswith(":") or template.lstrip().startswith(("“", '"', "«", "— ", "– ")):
        return True
    return bool(_REPORTS.search(template))
