"""What stands beside the articles on the pages of invented outlets."""

from __future__ import annotations

ABOUT = (
    "<p>Somos um jornal de bairro feito por moradores desde 2009, sem dono e sem anúncio, com reuniões abertas toda terça-feira na sede.</p>"
    * 3
)
PLEA = "Apoie o jornalismo independente: com dez reais por mês você ajuda a manter as portas abertas e a luz acesa."
NAV = '<nav><a href="/">Capa</a> <a href="/quem-somos/">Quem somos</a> <a href="/contato/">Contato</a></nav>'
FOOTER = "<footer><p>Todos os direitos reservados. Redação: rua da Estação, 41.</p></footer>"
